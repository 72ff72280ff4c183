import type { EvidenceStore } from '../../core/ports/evidence-store';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { meeting, type Moment } from '../support/meeting';
import { memoryApp, type MemoryApp } from '../support/memory-app';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, storeSecrets } from '../support/postgres-identity';
import { quietSteps } from '../support/quiet';
import { livingViolations } from '../support/revocation-oracle';
import { settled, strategies } from '../support/rotation-scene';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const ROTATION = 'the-rotation';
const EMERGENCY = 'the-emergency';

/** The records of a rotation in the order they are written, by stage and type; the emergency comes at one of them. */
const moments = [
  'Open RunOpened',
  'Mint ChangeIntended',
  'Mint ChangeMade',
  'ProveNew Judged',
  'Promote ChangeIntended',
  'Promote ChangeMade',
  'Distribute ChangeMade',
  'ConfirmNew Judged',
  'Retire ChangeIntended',
  'Retire ChangeMade',
  'ProveOld Judged',
  'Remove ChangeIntended',
  'Remove ChangeMade',
  'Close RunClosed',
] as const;

async function trial(strategy: (typeof strategies)[number], record: string, side: Moment['side']) {
  const id = `preempt-${strategy}-${record.replaceAll(/[^a-z]/gi, '').toLowerCase()}-${side}`;
  const identity = await seedIdentity(server, { id: id.slice(0, 44), strategy });
  const holder: { app?: MemoryApp; evidence?: EvidenceStore; ended?: Promise<unknown> | undefined } = {};
  const emergency = async () => {
    const input = { identityId: identity.id, reason: 'while it rotates' };
    holder.ended = holder.app?.run('Revocation', EMERGENCY, input);
    await holder.ended;
  };
  const app = await memoryApp([identity.policy], (deps) => {
    holder.evidence ??= meeting(deps.evidence, { runId: ROTATION, record, side }, emergency);
    const sleep = async (ms: number) => holder.app?.clock.advance(ms);
    return { deps: { ...deps, evidence: holder.evidence, sleep }, died: new Promise(() => undefined) };
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  await app.passing(app.run('Rotation', ROTATION, { identityId: identity.id, reason: 'a test' }));
  await app.passing(Promise.resolve(holder.ended));
  const atOnce = await app.deps.registry.summary(EMERGENCY);
  await settled({ app, identity });
  const found = await livingViolations(app.deps, server, identity);
  const rotation = await app.deps.registry.summary(ROTATION);
  await app.stop();
  return { found, emergency: atOnce?.outcome, rotation };
}

// Each strategy meets every fourth moment by default, from another one on; GAPLESS_FAULT_STRIDE=1 takes all.
const STRIDE = Number(process.env['GAPLESS_FAULT_STRIDE'] ?? '4');

function momentsFor(strategy: (typeof strategies)[number]) {
  const from = strategies.indexOf(strategy) * 2;
  return (
    moments
      // Where one role is both the old and the new, nothing is left to remove and nothing is intended.
      .filter((moment) => strategy !== 'in-place' || moment !== 'Remove ChangeIntended')
      .filter((_, index) => index % STRIDE === from % STRIDE)
      .map((moment, index) => ({ moment, side: index % 2 === 0 ? ('before' as const) : ('after' as const) }))
  );
}

describe.each(strategies)('an emergency that comes while a rotation by %s is under way', (strategy) => {
  it.each(momentsFor(strategy))(
    'at $moment, $side it is written: everything is refused, and both runs close once',
    async ({ moment, side }) => {
      const { found, emergency, rotation } = await trial(strategy, moment, side);
      expect(found).toEqual([]);
      expect(emergency).toBe('verified');
      // After its last change the rotation had nothing left that could be taken from it.
      const changed = strategy === 'in-place' ? /^(ProveOld|Remove|Close)/ : /^(Remove|Close)/;
      const ends = changed.test(moment) ? ['verified', 'fenced'] : ['fenced'];
      expect(moment.startsWith('Open') ? [...ends, 'refused'] : ends).toContain(rotation?.outcome);
      if (rotation?.outcome === 'fenced') expect(rotation.cause).toContain(EMERGENCY);
    },
    120_000,
  );
});
