import type { MemoryVault } from '../../adapters/memory/vault';
import { iamTarget } from '../../apps/local/target/iam/target';
import type { IamAccount } from '../../apps/local/target/iam/start';
import { connector } from '../../connectors/iam-access-key';
import { keysIn } from '../../connectors/iam-access-key/exchange';
import { Material } from '../../core/material';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { CrashPlan } from './crash-ports';
import { memoryApp, type MemoryApp } from './memory-app';

/** An access key as its holder has it. */
export type Keys = NonNullable<ReturnType<typeof keysIn>>;

/** One identity with a key of an account, and an app over it. */
export interface IamScene {
  readonly app: MemoryApp;
  readonly id: string;
  /** The name of its IAM user. */
  readonly user: string;
  /** The key it starts with. */
  readonly first: Keys;
  /** The key its secret holds now. */
  current(): Promise<Keys>;
  /** Lets the account's clock and the app's run. */
  advance(ms: number): Promise<void>;
}

/** What is particular about a scene: fields of its target, and a session of the first key kept beside it. */
export interface IamGiven {
  readonly target?: object;
  readonly witness?: 'kept' | 'none';
  /** Runs once, when a step first waits. */
  readonly onWait?: (first: Keys) => Promise<void>;
  /** Where a worker dies. */
  readonly plan?: CrashPlan;
}

/** Builds the app. Its waiting lets the account's clock run too, so nobody waits a real minute. */
export async function iamScene(account: IamAccount, id: string, given: IamGiven = {}): Promise<IamScene> {
  const { target = {}, witness = 'none', plan = new CrashPlan(undefined), onWait } = given;
  const first = await account.user(id, 'tables', { 'gapless:identity': id });
  const [admin, control] = [
    await account.user(`${id}-admin`, 'admin'),
    await account.user(`${id}-control`, 'reader'),
  ];
  const secret = `gapless/${id}`;
  const policy = {
    id,
    kind: 'iam-access-key',
    owner: 'team-test',
    secret,
    target: {
      admin: `${secret}/admin`,
      control: `${secret}/control`,
      ...iamTarget(account, id),
      ...target,
    },
    rotation: { strategy: 'second-key', every: '30d' },
    revocation: { within: '5m', owner: 'team-test' },
  };
  const holder: { app?: MemoryApp } = {};
  const advance = async (ms: number) => {
    await account.turn({ advanceMs: ms });
    await holder.app?.clock.advance(ms);
  };
  let isFirstWait = true;
  const sleep = async (ms: number) => {
    if (isFirstWait) await onWait?.(first);
    isFirstWait = false;
    await advance(ms);
  };
  const app = await memoryApp([policy], (deps) => plan.around({ ...deps, connector, sleep }));
  holder.app = app;
  // The account is shared and may have been told to skip; signatures are dated by the app's clock.
  const { now } = await account.turn({});
  await app.clock.advance(Math.max(0, now - app.clock.now()));
  await store(app.vault, secret, {
    identity: { ...first, ...(witness === 'kept' && { witness: await kept(account, first) }) },
    admin,
    control,
  });
  await enrol(app.deps);
  return {
    app,
    id,
    user: id,
    first,
    advance,
    async current() {
      const keys = keysIn((await app.vault.readCurrent(secret)).material);
      if (!keys) throw new Error(`${secret} holds no access key`);
      return keys;
    },
  };
}

async function kept(account: IamAccount, first: Keys): Promise<string> {
  const expires = new Date((await account.turn({})).now + 3_600_000).toISOString();
  return JSON.stringify([{ ...(await account.session(first)), expires }]);
}

async function store(
  vault: MemoryVault,
  secret: string,
  held: Readonly<Record<'identity' | 'admin' | 'control', object>>,
): Promise<void> {
  vault.create(secret, 'v-first', new Material({ ...held.identity }));
  vault.create(`${secret}/admin`, 'v-admin', new Material({ ...held.admin }));
  vault.create(`${secret}/control`, 'v-control', new Material({ ...held.control }));
}
