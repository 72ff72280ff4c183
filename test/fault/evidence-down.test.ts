import { verifyStoredRun } from '../../core/evidence/verify';
import { outageScene, type Extent, type OutageScene } from '../support/outage';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { quietSteps } from '../support/quiet';
import { alive, livingViolations } from '../support/revocation-oracle';

quietSteps();

let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(async () => server.stop());

const RUN = 'the-emergency';
const NEVER = Number.POSITIVE_INFINITY;

async function revoked(scene: OutageScene): Promise<void> {
  const { app, identity } = scene;
  await app.passing(app.run('Revocation', RUN, { identityId: identity.id, reason: 'a key was found' }));
}

/** Lets time pass and Settle look until nothing is open, owed or waiting. */
async function quiescent(scene: OutageScene): Promise<void> {
  const { app, identity } = scene;
  for (let look = 0; look < 20; look += 1) {
    const owed = await app.deps.registry.obligationsOf(identity.id);
    const open = await app.deps.registry.openRuns();
    if (owed.every(({ type }) => type === 'removal') && open.length === 0) return;
    await app.clock.advance(10 * 60_000);
    await app.passing(scene.settle());
  }
}

/** What is wrong with the records of a run once everything has arrived. */
async function recordViolations({ app }: OutageScene): Promise<string[]> {
  const found: string[] = [];
  const check = await verifyStoredRun(app.deps.evidence, RUN);
  if (check.state === 'broken') found.push(`broken: ${JSON.stringify(check.first)}`);
  else if (check.closed === 'no') found.push('the run is not closed');
  for (const { record, state } of await app.deps.spill.of(RUN)) {
    const there = await app.deps.evidence.get(record.chain, RUN, record.seq);
    if (state === 'waiting') found.push(`${record.chain} ${record.seq} still waits`);
    if (state === 'delivered' && there?.body !== record.body)
      found.push(`${record.chain} ${record.seq} is in the table with other bytes`);
    if (state === 'aside') found.push(`${record.chain} ${record.seq} was set aside`);
  }
  return found;
}

interface Trial {
  readonly found: readonly string[];
  /** How the run stood while the table was down, and how many of its records were in the spill alone. */
  readonly during: string;
}

async function trial(extent: Extent, from: number, until: number, id: string): Promise<Trial> {
  const scene = await outageScene(server, { id, strategy: 'alternating' }, { extent, from, until });
  const { app, identity } = scene;
  await revoked(scene);
  const found = (await alive(app.deps, server, identity)).map((each) => `while down: ${each}`);
  const kept = await app.deps.spill.of(RUN);
  const waits = kept.some(({ state }) => state === 'waiting');
  const summary = await app.deps.registry.summary(RUN);
  if (waits && summary?.outcome === 'verified' && summary.evidence !== 'waiting')
    found.push('shown as verified with complete evidence while records wait');
  await app.passing(scene.settle());
  if (until === NEVER && (await app.deps.spill.waiting()).length !== (waits ? 1 : 0))
    found.push('a record arrived, or was lost, while the table was down');
  scene.recover();
  await quiescent(scene);
  found.push(...(await livingViolations(app.deps, server, identity)), ...(await recordViolations(scene)));
  const ended = await app.deps.registry.summary(RUN);
  if (ended?.outcome !== 'verified') found.push(`ended ${ended?.outcome ?? 'in nothing'}`);
  if (waits && ended?.evidence !== 'arrived') found.push(`the summary says evidence ${ended?.evidence}`);
  await app.stop();
  const waiting = kept.filter(({ state }) => state === 'waiting').length;
  return { found, during: `${summary?.outcome ?? 'none'} with ${waiting} waiting` };
}

describe.each(['writes', 'everything'] as const)(
  'an emergency revocation whose evidence table fails: %s',
  (extent) => {
    it('makes the credential unusable all the same, wherever that begins and ends, and every record arrives later', async () => {
      const counting = await outageScene(
        server,
        { id: `count-${extent}`, strategy: 'alternating' },
        { extent, from: NEVER, until: NEVER },
      );
      await revoked(counting);
      const puts = counting.puts();
      await counting.app.stop();
      const found: string[] = [];
      const during: Record<string, number> = {};
      for (let from = 1; from <= puts; from += 1) {
        for (const until of [from + 1, from + 3, NEVER]) {
          const where = `down from put ${from} until ${until}`;
          const id = `${extent}-${from}-${until === NEVER ? 'end' : until}`;
          const done = await trial(extent, from, until, id);
          found.push(...done.found.map((each) => `${where}: ${each}`));
          during[done.during] = (during[done.during] ?? 0) + 1;
        }
      }
      process.stdout.write(
        `${extent}: ${puts} puts of evidence, outages by how the run stood then: ${JSON.stringify(during)}\n`,
      );
      expect(during[`verified with ${puts} waiting`]).toBeGreaterThan(0);
      expect(found).toEqual([]);
    }, 600_000);
  },
);
