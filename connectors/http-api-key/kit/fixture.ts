import { startKeyService, type KeyService } from '../../../apps/local/target/key-service/start';
import { keyServiceTarget } from '../../../apps/local/target/key-service/target';
import { Material } from '../../../core/material';
import type { Bench, Fixture, Given } from '../../../kit/fixture';
import { connector } from '..';
import { mistakes } from './mistakes';
import { verdictsOn, withTarget } from './verdicts';

/** http-api-key against a key service of its own. */
export const fixture: Fixture = { connector, mistakes, start };

async function start(): Promise<Bench> {
  const service = await startKeyService();
  let serial = 0;
  return {
    async given() {
      serial += 1;
      await service.turn({ trouble: 'none', propagationMs: 0, cacheMs: 0 });
      return givenOn(service, `kit-${serial}`);
    },
    verdicts: verdictsOn(service),
    unreachable: ({ subject }) => withTarget(subject, { api: 'http://127.0.0.1:1' }),
    gatewayPath: () => ({ id: 'gateway', address: `127.0.0.1:${service.ports.gateway}` }),
    powerless: async ({ control }) => control,
    stop: async () => service.stop(),
  };
}

async function givenOn(service: KeyService, identityId: string): Promise<Given> {
  const [current, foreign, control] = await Promise.all([
    service.create(identityId),
    service.create(`${identityId}-neighbour`),
    service.create('gapless-control'),
  ]);
  const { tokens } = service;
  const target = { ...keyServiceTarget(service), pace: { periodMs: 50 } };
  return {
    subject: { identityId, strategy: 'side-by-side', target },
    current: { versionId: 'v1', remoteId: current.id, material: new Material(current) },
    admin: new Material({ token: tokens.admin, gatewayToken: tokens.gateway }),
    control: new Material({ ...control, token: tokens.reader }),
    foreign: { versionId: 'v9', remoteId: foreign.id, material: new Material(foreign) },
    accepts: async (material) =>
      (await service.whoami(material.reveal('key') ?? '')) === 200 ? 'yes' : 'no',
    removeByHand: async ({ remoteId }) => service.delete(remoteId),
  };
}
