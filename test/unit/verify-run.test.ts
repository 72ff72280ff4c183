import type { Sealable } from '../../core/evidence/chain';
import type { Statement } from '../../core/evidence/record';
import { verifyRun, type RunCheck } from '../../core/evidence/verify';
import { closing } from '../../core/run/closing';
import {
  after,
  chainOf,
  factsOf,
  flipped,
  intended,
  judged,
  made,
  opened,
  rehashed,
  RUN_ID,
  type Entry,
} from '../support/chains';

type Closed = Extract<Statement, { type: 'RunClosed' }>;
interface Chains {
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
}

const changes: readonly Entry[] = [
  opened(),
  intended('Mint'),
  made('Mint', after(10)),
  made('Promote', after(14)),
  made('Retire', after(20)),
  intended('Remove'),
  made('Remove', after(40)),
];
const confirmed = judged('ConfirmNew', { versionId: 'new' });
const refused = judged('ProveOld', { versionId: 'old' });

/** A run with these records before its terminal one, which says what they support but for the claims given. */
function closedRun(
  entries: readonly Entry[],
  proofs: readonly Entry[],
  claims: Partial<Closed> = {},
): Chains & { readonly terminal: Entry } {
  const proof = chainOf('PROOF', proofs);
  const honest = closing(factsOf(chainOf('RUN', entries), proof), undefined, []);
  const terminal = { stage: 'Close', at: after(60), statement: { ...honest, ...claims } };
  return { run: chainOf('RUN', [...entries, terminal]), proof, terminal };
}

/** What somebody writes who wants a run to look verified that is not. */
const green: Partial<Closed> = { outcome: 'verified', cause: null, causeCode: null };
const sound = closedRun(changes, [confirmed, refused]);
const check = ({ run, proof }: Chains): RunCheck => verifyRun(RUN_ID, run, proof);

describe('a sound run', () => {
  it('is verified and closed', () => {
    expect(sound.terminal.statement).toMatchObject({ outcome: 'verified', level: 'L4' });
    expect(check(sound)).toMatchObject({ state: 'verified', closed: 'yes' });
  });

  it('is verified and not closed before its terminal record is there', () => {
    expect(check({ ...sound, run: sound.run.slice(0, -1) })).toMatchObject({
      state: 'verified',
      closed: 'no',
    });
  });

  it('is not touched by proofs that came after the head it names', () => {
    const late = judged('ProveOld', { versionId: 'old', finding: 'inconclusive' });
    const proof = chainOf('PROOF', [confirmed, refused, late]);
    expect(check({ ...sound, proof })).toMatchObject({ state: 'verified', closed: 'yes' });
  });
});

describe('the outcome verified is not believed', () => {
  const oldAt = (level: Closed['level']): Partial<Closed> => ({
    level,
    credentials: [{ versionId: 'old', level, probeable: 'yes' }],
  });

  it.each<[string, readonly Entry[], readonly Entry[]]>([
    [
      'when only the abandoned candidate was refused',
      changes,
      [confirmed, judged('ProveRestored', { versionId: 'new' })],
    ],
    ['when another version was refused', changes, [confirmed, judged('ProveOld', { versionId: 'older' })]],
    ['when another version was confirmed', changes, [judged('ConfirmNew', { versionId: 'other' }), refused]],
    ['when the new version was not confirmed', changes, [refused]],
    [
      'when a proof is inconclusive',
      changes,
      [confirmed, judged('ProveOld', { versionId: 'old', finding: 'inconclusive' })],
    ],
    ['when the old version was not removed', changes.slice(0, -1), [confirmed, refused]],
    ['when nothing was to be replaced', [opened(), made('Remove', after(40))], [confirmed, refused]],
  ])('%s', (_when, entries, proofs) => {
    const found = { chain: 'RUN', seq: entries.length, expected: expect.stringContaining('own versions') };
    expect(check(closedRun(entries, proofs, green))).toMatchObject({ state: 'broken', first: found });
    expect(check(closedRun(entries, proofs, { ...green, ...oldAt('L4') })).state).toBe('broken');
  });

  it('when proofs come only after the head it names', () => {
    const { run } = closedRun(changes, [confirmed], { ...green, ...oldAt('L4') });
    expect(check({ run, proof: sound.proof }).state).toBe('broken');
  });

  it('with a level above what was counted', () => {
    const sessions = {
      versionId: 'old',
      before: 1,
      after: 1,
      countedBy: 'the target',
      method: 'counted' as const,
    };
    const proofs = [confirmed, judged('ProveOld', { versionId: 'old', sessions })];
    expect(check(closedRun(changes, proofs)).state).toBe('verified');
    expect(check(closedRun(changes, proofs, oldAt('L4')))).toMatchObject({
      state: 'broken',
      first: { expected: expect.stringContaining('"L3"'), found: expect.stringContaining('"L4"') },
    });
  });

  it.each<[string, Closed['credentials']]>([
    ['another version', [{ versionId: 'older', level: 'L4', probeable: 'yes' }]],
    [
      'one version too many',
      [
        { versionId: 'old', level: 'L4', probeable: 'yes' },
        { versionId: 'older', level: 'L4', probeable: 'yes' },
      ],
    ],
    ['no version', []],
  ])('with a list of credentials that names %s', (_what, credentials) => {
    expect(check(closedRun(changes, [confirmed, refused], { credentials }))).toMatchObject({
      state: 'broken',
      first: { chain: 'RUN', seq: changes.length },
    });
  });
});

describe('what binds the two chains', () => {
  it('allows nothing after the terminal record', () => {
    const run = chainOf('RUN', [...changes, sound.terminal, made('Remove', after(61))]);
    expect(check({ ...sound, run })).toMatchObject({
      state: 'broken',
      first: { seq: changes.length + 1, expected: 'nothing after RunClosed', found: 'ChangeMade' },
    });
  });

  it.each<[string, readonly Entry[]]>([
    ['were written anew', [confirmed, judged('ProveOld', { versionId: 'old', lastAcceptedAt: after(1) })]],
    ['are fewer than it names', [confirmed]],
    ['are gone', []],
  ])('notices proofs that %s', (_how, proofs) => {
    expect(check({ ...sound, proof: chainOf('PROOF', proofs) })).toMatchObject({
      state: 'broken',
      first: { chain: 'PROOF', expected: expect.stringMatching(/^PROOF head 2 /) },
    });
  });

  it('wants a run behind its proofs', () => {
    expect(check({ ...sound, run: [] })).toMatchObject({ state: 'broken', first: { expected: 'RunOpened' } });
    expect(check({ ...sound, run: chainOf('RUN', changes.slice(1)) }).state).toBe('broken');
  });

  it('is one ledger', () => {
    const run = chainOf('RUN', [...changes, sound.terminal], { 3: 'ledger-2' });
    expect(check({ ...sound, run })).toMatchObject({
      state: 'broken',
      first: { seq: 3, expected: 'ledger ledger-1', found: 'ledger ledger-2' },
    });
  });
});

describe.each(['run', 'proof'] as const)('every record of the chain %s', (which) => {
  const records = sound[which];
  const places = records.map((_, index) => index);
  const changed = (chain: readonly Sealable[]) => check({ ...sound, [which]: chain });
  const replaced = (index: number, change: (record: Sealable) => Sealable) =>
    changed(records.map((record, place) => (place === index ? change(record) : record)));

  it.each(places)('shows when its bytes are changed (seq %i)', (index) => {
    expect(replaced(index, flipped)).toMatchObject({ state: 'broken', first: { seq: index } });
  });

  // Nothing inside a run follows its newest record: what its own claims do not contradict, only a seal over it would show.
  it.each(which === 'run' ? places.slice(0, -1) : places)(
    'shows when its bytes and its hash are changed (seq %i)',
    (index) => {
      expect(replaced(index, rehashed).state).toBe('broken');
    },
  );

  it.each(places.slice(0, -1))('shows when it is taken away (seq %i)', (index) => {
    expect(changed(records.toSpliced(index, 1))).toMatchObject({ state: 'broken', first: { seq: index } });
  });

  it.each(places.slice(1))('shows when it comes before the one it follows (seq %i)', (index) => {
    const [before, record] = records.slice(index - 1, index + 1);
    const swapped = [record, before].filter((each) => each !== undefined);
    expect(changed(records.toSpliced(index - 1, 2, ...swapped))).toMatchObject({
      state: 'broken',
      first: { seq: index - 1 },
    });
  });
});
