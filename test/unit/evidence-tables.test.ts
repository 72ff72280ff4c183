import { csv, type Column } from '../../core/export/csv';
import { exportedRun } from '../../core/export/exported-run';
import { jsonl, storedOf } from '../../core/export/jsonl';
import { recordsCsv } from '../../core/export/record-rows';
import { runsCsv } from '../../core/export/run-rows';
import { verifyRun } from '../../core/evidence/verify';
import {
  brokenRun,
  chainsOf,
  everyRun,
  openRun,
  scenes,
  sceneRun,
  type SceneName,
} from '../support/exported-runs';

const names = Object.keys(scenes).filter((name): name is SceneName => name in scenes);

/** Reads RFC 4180 with a parser that knows nothing of the writer. */
function parsed(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  const fields = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, bare, end] of text.matchAll(fields)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

function table(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = [], ...rows] = parsed(text);
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

describe('JSONL', () => {
  it.each(names)(
    'gives back every byte of a run that ended %s, so that it verifies from the export alone',
    (name) => {
      const { run, proof } = chainsOf(name);
      const stored = jsonl([sceneRun(name)])
        .trimEnd()
        .split('\n')
        .map(storedOf);
      expect(stored).toEqual([...run, ...proof]);
      const chain = (wanted: string) => stored.filter((record) => record.chain === wanted);
      expect(verifyRun(name, chain('RUN'), chain('PROOF')).state).toBe('verified');
    },
  );

  it('has one JSON document a line, with the hash beside the record', () => {
    const [line = ''] = jsonl([sceneRun('verified')]).split('\n');
    const document: unknown = JSON.parse(line);
    expect(document).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      record: { type: 'RunOpened', seq: 0 },
    });
  });

  it('keeps bytes that are no record as text on one line, with their place', () => {
    const { run, proof } = chainsOf('verified');
    const spoilt = run.map((record) => (record.seq === 1 ? { ...record, body: 'gone\n{' } : record));
    const lines = jsonl([exportedRun('verified', spoilt, proof)])
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(run.length + proof.length);
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      hash: run[1]?.hash,
      chain: 'RUN',
      runId: 'verified',
      seq: 1,
      text: 'gone\n{',
    });
  });

  it.each(['', '{}', '{"hash":"0","record":{}}'])('does not read %j', (line) => {
    expect(() => storedOf(line)).toThrow('want {"hash":"<64 hex digits>","record":<the record>}');
  });
});

describe('CSV', () => {
  const columns: readonly Column<string>[] = [['cell', (text) => text]];

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '\uFF1Dx', '=cmd|"/C calc"!A0'])(
    'does not let %j begin a cell',
    (text) => {
      const [, row] = parsed(csv(columns, [text]));
      expect(row).toEqual(['1', `'${text}`]);
    },
  );

  it.each(['plain', 'a "quoted" word', 'one, two', 'line\r\nbreak', '', 'a=b', "'"])(
    'gives back %j as it was',
    (text) => {
      expect(parsed(csv(columns, [text]))[1]).toEqual(['1', text]);
    },
  );

  it('has one row per run, of every outcome', () => {
    const rows = table(runsCsv([...everyRun, openRun()]));
    expect(rows.map(({ run_id: id, outcome }) => [id, outcome])).toEqual([
      ['verified', 'verified'],
      ['refused', 'refused'],
      ['slotServed', 'refused'],
      ['rolled-back', 'rolled-back'],
      ['revoke-pending', 'revoke-pending'],
      ['inconclusive', 'inconclusive'],
      ['disproven', 'revoke-pending'],
      ['revoked', 'verified'],
      ['contained', 'verified'],
      ['not-approved', 'not-approved'],
      ['fenced', 'fenced'],
      ['aborted', 'aborted'],
      ['breach', 'revoke-pending'],
      ['verified', 'open'],
    ]);
    expect(rows[0]).toMatchObject({
      schema_version: '1',
      level: 'L4',
      controls: 'NIST SP 800-53 r5 IA-5; NIST CSF 2.0 PR.AA-01',
      unknown_control_labels: 'HOUSE-7',
      chains: 'verified',
    });
  });

  it('says where the chains of a run break', () => {
    expect(table(runsCsv([brokenRun()]))[0]).toMatchObject({
      chains: 'broken',
      first_break: expect.stringContaining('RUN seq 2: expected hash'),
    });
  });

  it('has one row per record, with the key and the hash it is stored under', () => {
    const run = sceneRun('inconclusive');
    const rows = table(recordsCsv([run]));
    expect(rows.map(({ hash }) => hash)).toEqual(run.records.map(({ stored }) => stored.hash));
    expect(rows.find(({ finding }) => finding === 'inconclusive')).toMatchObject({
      evidence_key: 'urn:gapless:ledger-1:PROOF:inconclusive:000001',
      says: 'version old is refused: inconclusive: =HYPERLINK("x"), "quoted"',
    });
  });

  it('has these columns, in this order, as long as its schema version is 1', () => {
    expect(parsed(recordsCsv([]))[0]?.join(' ')).toBe(
      'schema_version evidence_key ledger_id run_id chain seq at stage type identity actor_type actor_id actor_assurance version_id superseded_id remote_id effect claim finding outcome says fence token function_name function_version bundle prev hash',
    );
    expect(parsed(runsCsv([]))[0]?.join(' ')).toBe(
      'schema_version run_id kind identity owner team environment platform site credential_kind strategy trigger reason about actor_type actor_id actor_assurance requested_at due_at deadline_at opened_at closed_at outcome level cause_code cause deadline exposure_seconds unavailable_seconds contained_at last_accepted_at first_stable_refusal_at sessions_zero_at consumer_failures owes skipped_stages policy_id policy_revision policy_sha256 controls unknown_control_labels records chains first_break',
    );
  });
});
