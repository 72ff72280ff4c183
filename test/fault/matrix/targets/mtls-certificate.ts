import { request } from 'node:https';
import * as z from 'zod/mini';
import { mtlsIdentity } from '../../../../apps/local/target/mtls/identity';
import { greet, startMtlsEndpoint, type MtlsEndpoint } from '../../../../apps/local/target/mtls/start';
import { connector } from '../../../../connectors/mtls-certificate';
import type { Material } from '../../../../core/material';
import { serialsOn } from '../../../../examples/targets/mtls-endpoint/revoked';
import { inTest, storeFirst } from '../../../support/first-secrets';
import type { TrialIdentity, World } from '../world';
import { namesOf, type Listed } from './issued';
import { X509Certificate } from 'node:crypto';

const PACE = { periodMs: 1_000 };
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const state = z.object({
  crl: z.string(),
  certificates: z.array(z.object({ serial: z.string(), owner: z.string() })),
});

/** A TLS endpoint that verifies its clients against a revocation list. */
export async function mtlsCertificateWorld(): Promise<World> {
  const endpoint = await startMtlsEndpoint();
  return {
    name: 'mtls-certificate',
    strategies: ['side-by-side'],
    derivedMs: 0,
    seed: (id) => seeded(endpoint, id),
    stop: () => endpoint.stop(),
  };
}

async function seeded(endpoint: MtlsEndpoint, id: string): Promise<TrialIdentity> {
  const identity = await mtlsIdentity(endpoint, inTest(id), PACE);
  const { secret } = identity.policy;
  const session = await endpoint.open(identity.first);
  return {
    id,
    secret,
    policy: identity.policy,
    connector,
    others: Object.keys(identity.secrets).filter((name) => name !== secret),
    store: (vault) => storeFirst(vault, identity.secrets),
    accepts: async (material) => {
      const answers = await Promise.all(
        versions.map(async (version) =>
          endpoint.whoami(material, { minVersion: version, maxVersion: version }),
        ),
      );
      return answers.includes(200);
    },
    oldSessions: async () => ((await greet(session)).includes(' 200 ') ? 1 : 0),
    objects: async (inForce) => namesOf(await registered(endpoint, id), inForce && serialOf(inForce)),
    startsAt: 0,
    // It judges certificates by real time, of which a trial takes little.
    reach: async () => undefined,
    // The endpoint shows whoever changes it all that is registered and revoked; both would grow with every trial.
    end: async () => {
      session.destroy();
      for (const { name } of await registered(endpoint)) await endpoint.turn({ forget: name });
      await endpoint.turn({ crl: '' });
    },
  };
}

function serialOf(material: Material): string | undefined {
  const certificate = material.reveal('certificate');
  return certificate === undefined ? undefined : new X509Certificate(certificate).serialNumber.toLowerCase();
}

async function registered(endpoint: MtlsEndpoint, of?: string): Promise<readonly Listed[]> {
  const { crl, certificates } = state.parse(JSON.parse(await stateOf(endpoint)));
  const revoked = serialsOn(crl);
  return certificates
    .filter(({ owner }) => of === undefined || owner === of)
    .map(({ serial }) => ({ name: serial, state: revoked.has(serial) ? 'closed' : 'open' }));
}

async function stateOf({ ports, tokens, authority }: MtlsEndpoint): Promise<string> {
  const headers = { authorization: `Bearer ${tokens.read}` };
  const asked = { host: '127.0.0.1', port: ports.admin, path: '/state', headers, agent: false };
  return new Promise((resolve, reject) => {
    const sent = request({ ...asked, ca: authority.pem.certificate, servername: '' }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.once('end', () => resolve(text));
    });
    sent.once('error', reject).end();
  });
}
