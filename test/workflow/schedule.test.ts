import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { sharedAssembly } from '../support/assembly';
import { deployedFunctions } from '../support/deployed-functions';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { toldBy, violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';

const EVERY = '15m';

let server: TestPostgres;
let cloud: GaplessCloud;
let identities: readonly SeededIdentity[];

beforeAll(async () => {
  server = await testPostgres();
  identities = await Promise.all(
    (['alternating', 'in-place'] as const).map(async (strategy) => {
      const identity = await seedIdentity(server, { id: `due-${strategy}`, strategy });
      return { ...identity, policy: { ...identity.policy, rotation: { strategy, every: EVERY } } };
    }),
  );
  cloud = await gaplessCloud(identities);
}, 120_000);

afterAll(async () => {
  await cloud.remove();
  await server.stop();
});

const codeIn = z.object({ code: z.object({ functionName: z.string(), bundle: z.string() }) });

function sha256(code: Buffer): string {
  return createHash('sha256').update(code).digest('hex');
}

/** Runs of an identity that the schedule started, oldest first. */
async function runsOf({ id }: SeededIdentity) {
  return (await cloud.registry.runs({ identityId: id, limit: 50 })).toReversed();
}

/** Lets minutes pass until every identity has so many closed runs. */
async function untilRuns(count: number): Promise<void> {
  for (let minute = 0; minute < 40; minute += 1) {
    const runs = await Promise.all(identities.map(async (identity) => runsOf(identity)));
    if (runs.every((each) => each.length >= count && each.every(({ outcome }) => outcome !== 'open'))) return;
    await cloud.engine.advance(60_000);
  }
}

describe('the schedule alone', () => {
  it('finds what is due and rotates it to L4, slot after slot, a slot once however often it is delivered', async () => {
    await untilRuns(1);
    const stateMachineArn = cloud.arn('Sweep');
    const sweeps = { delivered: 0 };
    // Each firing arrives twice from the scheduler and three times more from elsewhere.
    cloud.faults.at = async (point) => {
      if (point.boundary !== 'service' || point.service !== 'scheduler' || point.action !== 'gapless-sweep')
        return undefined;
      sweeps.delivered += 5;
      for (let more = 0; more < 3; more += 1)
        await cloud.engine.states.handle('StartExecution', { stateMachineArn, input: '{}' });
      return { do: 'duplicate' };
    };
    await untilRuns(2);
    cloud.faults.at = async () => undefined;
    expect(sweeps.delivered).toBeGreaterThanOrEqual(5);
    for (const identity of identities) {
      const runs = await runsOf(identity);
      const slots: unknown[] = [];
      for (const { runId } of runs) {
        const [opened] = await cloud.evidence.read('RUN', runId);
        slots.push(toldBy(opened?.body ?? '').slot);
      }
      expect(runs.map(({ outcome, level }) => ({ outcome, level }))).toEqual(
        runs.map(() => ({ outcome: 'verified', level: 'L4' })),
      );
      expect(new Set(slots).size).toBe(slots.length);
      expect(await violations(cloud, server, identity)).toEqual([]);
    }
  }, 180_000);

  it('leaves records that name the function and the deployed code which wrote each of them', async () => {
    const bundles = new Map(
      deployedFunctions(await sharedAssembly()).map(({ name, code }) => [name, sha256(code)]),
    );
    const runs = (await Promise.all(identities.map(runsOf))).flat();
    const chains = await Promise.all(
      runs.flatMap(({ runId }) =>
        (['RUN', 'PROOF'] as const).map((chain) => cloud.evidence.read(chain, runId)),
      ),
    );
    const written = chains.flat().map(({ body }) => codeIn.parse(JSON.parse(body)).code);
    expect(new Set(written.map(({ functionName }) => functionName)).size).toBeGreaterThanOrEqual(5);
    for (const { functionName, bundle } of written)
      expect([functionName, bundle]).toEqual([functionName, bundles.get(functionName)]);
  }, 60_000);
});
