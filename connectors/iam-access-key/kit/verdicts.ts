import { regions, type IamAccount } from '../../../apps/local/target/iam/start';
import type { Subject } from '../../../core/call';
import type { Arrange, Bench } from '../../../kit/fixture';
import { callWith } from '../../../kit/scene';
import { connector } from '..';

const DELAY_MS = 600;
const SILENCE_MS = 300;

/** The data service of the second region; the direct way is STS of the first. */
const data = { id: 'dynamodb-eu-west-1', address: `dynamodb.${regions[1]}` };

/** The same identity with other fields of its target. */
export function withTarget(subject: Subject, changes: object): Subject {
  return { ...subject, target: { ...Object(subject.target), ...changes } };
}

const answeredBy =
  (endpoint: string): Arrange =>
  async ({ subject }) => ({ subject: withTarget(subject, { endpoint }) });

/** The states of an account and its places, as the verdict cases want them. */
export function verdictsOn(account: IamAccount): Bench['verdicts'] {
  const faulty = (name: string) => answeredBy(`${account.endpoint}/fault/${name}`);
  return {
    right: async () => ({}),
    wrong: async ({ current, control }) => ({
      material: connector.probe.randomLike(current.material, callWith(control)),
    }),
    unknownPrincipal: async ({ current }) => ({
      material: current.material.with({ accessKeyId: 'AKIANOBODYWASGIVENIT' }),
    }),
    disabled: async ({ subject, current, admin }) => {
      await connector.operations.suspend(subject, current, callWith(admin));
      return { path: data };
    },
    // A key has no time of expiry; only sessions have.
    expired: { absent: 'unknownState' },
    noPermission: async ({ current }) => {
      const powerless = await account.user(`${current.remoteId}-powerless`, 'nothing');
      return { material: current.material.with({ ...powerless }), path: data };
    },
    // Denied explicitly, and known all the same: a key lives until it is not known.
    wrongScope: async ({ subject, admin }) => {
      await connector.operations.isolate(subject, callWith(admin));
      return { path: data };
    },
    throttled: faulty('throttled'),
    serverError: faulty('down'),
    oddSuccess: faulty('odd'),
    proxyForbids: faulty('forbidden'),
    redirected: faulty('moved'),
    unresolvable: answeredBy('http://sts.invalid'),
    noListener: answeredBy('http://127.0.0.1:1'),
    untrusted: answeredBy(account.endpoint.replace('http:', 'https:')),
    silent: async (given) => ({ ...(await faulty('silent')(given)), call: { timeoutMs: SILENCE_MS } }),
    propagating: async ({ current }) => {
      await account.turn({ propagationMs: DELAY_MS, replicas: 'alike' });
      await account.turn({ removeKey: current.remoteId });
      return {};
    },
    // One region is behind the other, as an edge with an answer of its own would be.
    cached: async ({ current }) => {
      await account.turn({ propagationMs: DELAY_MS, region: regions[1] });
      await account.turn({ removeKey: current.remoteId });
      return { path: data };
    },
  };
}
