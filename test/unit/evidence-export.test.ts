import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { memoryRegistry } from '../../adapters/memory/registry';
import { deliver } from '../../apps/cli/commands/evidence-export';
import { formatOf, written } from '../../apps/cli/export/formats';
import { MOST_RUNS, selected } from '../../apps/cli/export/selection';
import { Terminal } from '../../apps/cli/output/terminal';
import type { RunSummary } from '../../core/ports/registry';
import { after, START } from '../support/chains';
import { brokenRun, chainsOf, scenes, sceneRun, type SceneName } from '../support/exported-runs';

const none = { runs: [], late: [] };
const names = Object.keys(scenes).filter((name): name is SceneName => name in scenes);

function summary(runId: string, openedAt: string, identityId = 'orders-db'): RunSummary {
  const told = {
    owner: 'payments',
    actor: 'schedule',
    controls: [],
    glass: undefined,
    about: undefined,
    closedAt: undefined,
    level: undefined,
    cause: undefined,
  };
  return { runId, kind: 'rotation', identityId, openedAt, outcome: 'open', ...told };
}

/** Stores that hold one run of every outcome, opened a minute apart. */
async function filled() {
  const evidence = new MemoryEvidenceStore();
  const registry = memoryRegistry();
  for (const [at, name] of names.entries()) {
    const { run, proof } = chainsOf(name);
    for (const record of [...run, ...proof]) await evidence.put(record);
    await registry.putSummary(summary(name, after(60 * at), at === 0 ? 'reports-db' : 'orders-db'));
  }
  return { evidence, registry };
}

describe('an export', () => {
  it('holds every run that was opened, however it ended, oldest first', async () => {
    const runs = await selected(await filled(), {});
    expect(runs.map(({ runId }) => runId)).toEqual(names);
    for (const { records } of runs) expect(records.length).toBeGreaterThan(0);
  });

  it.each([
    { case: 'one identity', selection: { identityId: 'reports-db' }, found: names.slice(0, 1) },
    {
      case: 'since a moment, which is in it',
      selection: { since: after(60) },
      found: names.slice(1),
    },
    {
      case: 'until a moment, which is not',
      selection: { since: START, until: after(120) },
      found: names.slice(0, 2),
    },
    { case: 'one run', selection: { runId: 'breach' }, found: ['breach'] },
    { case: 'a time in which none was opened', selection: { until: START }, found: [] },
  ])('of $case holds just that', async ({ selection, found }) => {
    expect((await selected(await filled(), selection)).map(({ runId }) => runId)).toEqual(found);
  });

  it('of a run that has no record is refused', async () => {
    await expect(selected(await filled(), { runId: 'gone' })).rejects.toThrow(
      '--run: got "gone", and no run of that id has a record',
    );
  });

  it('of more runs than fit is refused, not cut', async () => {
    const { evidence } = await filled();
    const registry = {
      runs: async ({ limit }: { readonly limit: number }) =>
        Array.from({ length: limit }, (_, at) => summary(`run-${at}`, START)),
    };
    await expect(selected({ evidence, registry }, {})).rejects.toThrow(`More than ${MOST_RUNS} runs`);
  });

  it.each([
    { format: 'jsonl', rows: undefined, period: undefined, begins: '{"hash":"' },
    { format: 'csv', rows: undefined, period: undefined, begins: 'schema_version,evidence_key' },
    { format: 'csv', rows: 'runs', period: undefined, begins: 'schema_version,run_id' },
    { format: 'oscal', rows: undefined, period: 'month', begins: '{\n  "assessment-results"' },
    { format: 'ocsf', rows: undefined, period: undefined, begins: '{"activity_name":' },
  ])('as $format begins $begins', async ({ begins, ...flags }) => {
    const runs = await selected(await filled(), {});
    const making = { span: { start: START, end: after(3_600) }, at: after(3_600), product: '0.1.0' };
    const text = written(formatOf(flags), runs, making);
    expect(text.slice(0, begins.length)).toBe(begins);
    expect(text.at(-1)).toBe('\n');
  });
});

describe('flags of an export', () => {
  const none = { rows: undefined, period: undefined };

  it.each([
    { flags: { ...none, format: 'xml' }, says: '--format: got "xml", want one of jsonl, csv, oscal, ocsf' },
    { flags: { ...none, format: 'csv', rows: 'all' }, says: '--rows: got "all", want one of runs, records' },
    { flags: { ...none, format: 'oscal', period: 'week' }, says: '--period: got "week", want one of whole' },
    {
      flags: { ...none, format: 'jsonl', rows: 'runs' },
      says: '--rows belongs to --format csv; got --format "jsonl"',
    },
    { flags: { ...none, format: 'csv', period: 'month' }, says: '--period belongs to --format oscal' },
  ])('$flags are refused', ({ flags, says }) => {
    expect(() => formatOf(flags)).toThrow(says);
  });
});

/** A terminal whose output can be read. */
function terminal(format: 'text' | 'json') {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  return {
    terminal: new Terminal({ format, messages: 'shown' }, streams, {}),
    stdout: () => said(streams.stdout),
    stderr: () => said(streams.stderr),
  };
}

function said(stream: PassThrough): string {
  return String(stream.read() ?? '');
}

describe('what is handed over', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gapless-export-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('goes to stdout alone, byte for byte, and ends 0', () => {
    const { terminal: shown, stdout, stderr } = terminal('text');
    const code = deliver(shown, { format: 'csv', out: undefined }, 'a\r\n', {
      runs: [sceneRun('verified')],
      late: [],
    });
    expect({ code, stdout: stdout(), stderr: stderr() }).toEqual({
      code: 0,
      stdout: 'a\r\n',
      stderr: '1 runs, 11 records as csv. Nothing was changed.\n',
    });
  });

  it('is there even when the chains of a run do not verify; that run is named, and the command ends 7', () => {
    const out = join(folder, 'export.jsonl');
    const { terminal: shown, stdout, stderr } = terminal('json');
    const code = deliver(shown, { format: 'jsonl', out }, 'text\n', {
      runs: [sceneRun('breach'), brokenRun()],
      late: [],
    });
    expect(code).toBe(7);
    expect(readFileSync(out, 'utf8')).toBe('text\n');
    expect(stderr()).toContain('run verified does not verify: RUN seq 2: expected hash');
    expect(JSON.parse(stdout())).toMatchObject({
      schemaVersion: 1,
      runs: 2,
      broken: [{ runId: 'verified' }],
    });
  });

  it('says which of its records are not in the evidence table yet, and does not end as if it were whole', () => {
    const { terminal: shown, stdout, stderr } = terminal('json');
    const late = [{ runId: 'verified', count: 3 }];
    const out = join(folder, 'late.jsonl');
    const exported = { runs: [sceneRun('verified')], late };
    expect(deliver(shown, { format: 'jsonl', out }, 'text\n', exported)).toBe(4);
    expect(stderr()).toContain('EVIDENCE_DEGRADED verified: 3 records wait in the spill');
    expect(JSON.parse(stdout())).toMatchObject({ evidenceWaiting: late });
    rmSync(out);
  });

  it('never replaces a file, and leaves no half of one', () => {
    const out = join(folder, 'export.csv');
    const { terminal: shown } = terminal('text');
    deliver(shown, { format: 'csv', out }, 'first', none);
    expect(() => deliver(shown, { format: 'csv', out }, 'second', none)).toThrow('which exists');
    expect(readFileSync(out, 'utf8')).toBe('first');
    expect(() => deliver(shown, { format: 'csv', out: join(folder, 'no', 'where') }, 'x', none)).toThrow(
      'cannot be written',
    );
    expect(readdirSync(folder)).toEqual(['export.csv']);
  });
});
