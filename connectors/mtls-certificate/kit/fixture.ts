import type { TLSSocket } from 'node:tls';
import { Material } from '../../../core/material';
import type { Bench, Fixture, Given, Held } from '../../../kit/fixture';
import {
  greet,
  materialOf,
  type MtlsEndpoint,
  startMtlsEndpoint,
} from '../../../apps/local/target/mtls/start';
import { connector } from '..';
import { mistakes } from './mistakes';
import { verdictsOn, withTarget } from './verdicts';

/** mtls-certificate against a TLS endpoint of its own, in its own process. */
export const fixture: Fixture = { connector, mistakes, start };

async function start(): Promise<Bench> {
  const endpoint = await startMtlsEndpoint();
  const opened: { readonly remoteId: string; readonly socket: TLSSocket }[] = [];
  const { verdicts, stopImpostors } = await verdictsOn(endpoint);
  let serial = 0;
  return {
    async given() {
      serial += 1;
      await endpoint.turn({ reloadDelayMs: 0, tickets: 'changed' });
      return givenOn(endpoint, `kit-${serial}`);
    },
    verdicts,
    unreachable: ({ subject }) => withTarget(subject, { api: 'https://127.0.0.1:1' }),
    powerless: async ({ admin }) => admin.with({ token: endpoint.tokens.read }),
    sessions: {
      async open(_given, { remoteId, material }) {
        opened.push({ remoteId, socket: await endpoint.open(material) });
      },
      async alive({ remoteId }) {
        const own = opened.filter((each) => each.remoteId === remoteId);
        const answers = await Promise.all(own.map(async ({ socket }) => greet(socket)));
        return answers.filter((answer) => answer.includes(' 200 ')).length;
      },
      blind: async ({ control }) => control.with({ token: endpoint.tokens.blind }),
    },
    async stop() {
      for (const { socket } of opened) socket.destroy();
      stopImpostors();
      await endpoint.stop();
    },
  };
}

async function givenOn(endpoint: MtlsEndpoint, identityId: string): Promise<Given> {
  const { certificate: caCertificate, key: caKey } = endpoint.authority.pem;
  const [current, foreign, control] = await Promise.all(
    [identityId, `${identityId}-neighbour`, 'gapless-control'].map(async (owner) => endpoint.enlist(owner)),
  );
  return {
    subject: { identityId, strategy: 'side-by-side', target: endpoint.target(identityId) },
    current: held('v1', current),
    admin: new Material({ token: endpoint.tokens.write, caCertificate, caKey }),
    control: materialOf(control ?? none).with({ token: endpoint.tokens.read }),
    foreign: held('v9', foreign),
    accepts: async (material) => ((await endpoint.whoami(material)) === 200 ? 'yes' : 'no'),
    removeByHand: async ({ remoteId }) => endpoint.turn({ forget: remoteId }),
  };
}

const none = { certificate: '', key: '', serial: '' };

function held(versionId: string, pair: typeof none | undefined): Held {
  const { serial } = pair ?? none;
  return { versionId, remoteId: serial, material: materialOf(pair ?? none) };
}
