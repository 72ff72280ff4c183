import { startIam, type IamAccount } from '../../../apps/local/target/iam/start';
import { iamTarget } from '../../../apps/local/target/iam/target';
import { Material } from '../../../core/material';
import type { Bench, DerivedBench, Fixture, Given, Held } from '../../../kit/fixture';
import { callWith } from '../../../kit/scene';
import { connector } from '..';
import { keysIn } from '../exchange';
import { mistakes } from './mistakes';
import { verdictsOn, withTarget } from './verdicts';

/** iam-access-key against an account of its own. */
export const fixture: Fixture = { connector, mistakes, start };

type Keys = NonNullable<ReturnType<typeof keysIn>>;

async function start(): Promise<Bench> {
  const account = await startIam();
  const [admin, reader] = [await account.user('admin', 'admin'), await account.user('reader', 'reader')];
  let serial = 0;
  return {
    async given() {
      serial += 1;
      await account.turn({ propagationMs: 0, trouble: 'none' });
      return givenOn(account, `kit-${serial}`, { admin, reader });
    },
    verdicts: verdictsOn(account),
    derived: derivedOn(account),
    mayAct: async (material) => ((await account.listTables(shown(material))) === 'ok' ? 'yes' : 'no'),
    async amongOthers(given) {
      const user = given.subject.identityId;
      const { made } = await account.turn({ keyFor: user });
      const foreign = heldOf(made ?? shown(given.foreign.material));
      await account.turn({ tag: { user, name: `gapless:key:${foreign.remoteId}`, value: 'another' } });
      return { ...given, foreign };
    },
    unreachable: ({ subject }) => withTarget(subject, { endpoint: 'http://127.0.0.1:1' }),
    powerless: async ({ control }) => control,
    stop: async () => account.stop(),
  };
}

/** Sessions of the user, and the denial of all of them. */
function derivedOn(account: IamAccount): DerivedBench {
  return {
    async make({ current }) {
      const session = await account.session(shown(current.material));
      if ((await account.listTables(session)) !== 'ok') throw new Error('the session is not accepted');
    },
    async derivation() {
      const { now } = await account.turn({});
      return { refusedAt: now, now };
    },
    async end({ subject, admin }) {
      await connector.operations.isolate(subject, callWith(admin));
    },
  };
}

function shown(material: Material): Keys {
  return keysIn(material) ?? { accessKeyId: 'none', secretAccessKey: 'none' };
}

function heldOf(keys: Keys, fields: Readonly<Record<string, string>> = {}): Held {
  const material = new Material({ ...keys, ...fields });
  return { versionId: `version of ${keys.accessKeyId}`, remoteId: keys.accessKeyId, material };
}

async function givenOn(
  account: IamAccount,
  identityId: string,
  { admin, reader }: { readonly admin: Keys; readonly reader: Keys },
): Promise<Given> {
  const current = await account.user(identityId, 'tables', { 'gapless:identity': identityId });
  const foreign = await account.user(`${identityId}-neighbour`, 'tables');
  const expires = new Date((await account.turn({})).now + 3_600_000).toISOString();
  const witness = JSON.stringify([{ ...(await account.session(current)), expires }]);
  const target = { ...iamTarget(account, identityId), pace: { periodMs: 50, windowSeconds: 0 } };
  return {
    subject: { identityId, strategy: 'second-key', target },
    current: heldOf(current, { witness }),
    admin: new Material({ ...admin }),
    control: new Material({ ...reader }),
    foreign: heldOf(foreign),
    accepts: async (material) => ((await account.whoami(shown(material))) === 200 ? 'yes' : 'no'),
    async removeByHand({ remoteId }) {
      await account.turn({ removeKey: remoteId });
    },
  };
}
