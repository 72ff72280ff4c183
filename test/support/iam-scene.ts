import { iamIdentity, type IamGiven as OwnGiven } from '../../apps/local/target/iam/identity';
import type { IamAccount } from '../../apps/local/target/iam/start';
import { connector } from '../../connectors/iam-access-key';
import { keysIn } from '../../connectors/iam-access-key/exchange';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { CrashPlan } from './crash-ports';
import { inTest, storeFirst } from './first-secrets';
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

/** What is particular about a scene, beside its identity. */
export interface IamGiven extends OwnGiven {
  /** Runs once, when a step first waits. */
  readonly onWait?: (first: Keys) => Promise<void>;
  /** Where a worker dies. */
  readonly plan?: CrashPlan;
}

/** Builds the app. Its waiting lets the account's clock run too, so nobody waits a real minute. */
export async function iamScene(account: IamAccount, id: string, given: IamGiven = {}): Promise<IamScene> {
  const { target = {}, witness = 'none', plan = new CrashPlan(undefined), onWait } = given;
  const identity = await iamIdentity(account, inTest(id), { target, witness });
  const { first } = identity;
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
  const app = await memoryApp([identity.policy], (deps) => plan.around({ ...deps, connector, sleep }));
  holder.app = app;
  // The account is shared and may have been told to skip; signatures are dated by the app's clock.
  const { now } = await account.turn({});
  await app.clock.advance(Math.max(0, now - app.clock.now()));
  storeFirst(app.vault, identity.secrets);
  await enrol(app.deps);
  return {
    app,
    id,
    user: identity.user,
    first,
    advance,
    async current() {
      const keys = keysIn((await app.vault.readCurrent(identity.policy.secret)).material);
      if (!keys) throw new Error(`${identity.policy.secret} holds no access key`);
      return keys;
    },
  };
}
