import { append, type Appended } from '../../core/evidence/append';
import type { Head } from '../../core/evidence/chain';
import { parseRecord, type RecordOf, type Statement } from '../../core/evidence/record';
import type { VersionRow } from '../../core/credential';
import { Failure } from '../../core/failure';
import type { Claims, IdentityRow } from '../../core/ports/registry';
import type { RunState } from '../../core/run/state';
import type { StepName } from './contracts';
import { iso, type Deps, type Using } from './deps';
import { stampOf } from './stamp';
import { together } from './together';

/** What a changing step is about to do, written before it does it. */
export interface Intent {
  readonly stage: StepName;
  readonly controls: readonly string[];
  readonly change: string;
  readonly versionId: string | null;
  readonly supersededId: string | null;
  /** What the change needs, on its way already: it is waited for while the identity is claimed, before the intent. */
  readonly ready?: Promise<unknown>;
  /** Has to pass right before the change; looked at while the intent is written. */
  readonly check?: () => Promise<void>;
  /** The version rows after the change, from the row as it was claimed; written as the claim ends. */
  readonly versions?: (row: IdentityRow) => readonly VersionRow[];
}

type Made = RecordOf<'ChangeMade'>;
/** What a step did, as its outcome record says it. Everything not given is null or empty. */
export type Outcome = Pick<Made, 'effect'> &
  Partial<
    Pick<
      Made,
      | 'versionId'
      | 'remoteId'
      | 'supersededId'
      | 'requestId'
      | 'cut'
      | 'fingerprint'
      | 'sessions'
      | 'consumers'
      | 'detail'
    >
  >;

/** `repeated`: the intent was there already, so an earlier worker of this very step may have acted. */
export type Turn = 'first' | 'repeated';

type Ports = Pick<Deps, 'evidence' | 'now' | 'timeoutMs' | 'ledgerId' | 'code'> & Using<Claims>;

/**
 * One change under the run's fence: claim the identity, write the intent, act, write the outcome. A repeated step finds
 * its own records: with an outcome it does nothing, with an intent alone it acts again (every act is idempotent).
 * `act` is given the identity's row as it was claimed; nobody else changes its versions until the claim is released.
 * @throws Failure StepBusy while another worker may still be acting; FenceLost when a newer holder owns the identity
 */
export async function change(
  deps: Ports,
  run: RunState,
  intent: Intent,
  act: (turn: Turn, row: IdentityRow) => Promise<Outcome>,
): Promise<{ readonly run: RunState; readonly made: Made }> {
  const now = deps.now();
  const until = iso(now + deps.timeoutMs);
  // Whatever becomes of the claim, somebody listens.
  intent.ready?.catch(() => undefined);
  const row = await deps.registry.claimBusy(run.identityId, {
    fence: run.fence,
    stage: intent.stage,
    now: iso(now),
    until,
  });
  const write = writing(deps, run, intent);
  const release = (versions?: readonly VersionRow[]) =>
    deps.registry.releaseBusy(run.identityId, run.fence, versions);
  const { head, outcome, behind } = await acted(deps, run, intent, write, (turn) => act(turn, row)).catch(
    async (error: unknown) => {
      await release();
      throw error;
    },
  );
  const versions = behind === 'nothing' ? intent.versions?.(row) : undefined;
  // The worker is done at the target, so its claim ends while the outcome is written.
  const [made] = await together([write(head, outcome), release(versions)]);
  return ended(run, made);
}

/**
 * Records a stage that finds nothing to do, as every stage is recorded. Nothing is touched, so nothing is intended and the
 * identity is not claimed for it.
 */
export async function nothingToDo(
  deps: Omit<Ports, 'registry' | 'timeoutMs'>,
  run: RunState,
  intent: Intent,
  about: Pick<Outcome, 'versionId' | 'remoteId'>,
): Promise<{ readonly run: RunState; readonly made: Made }> {
  const write = writing(deps, run, intent);
  return ended(run, await write(run, blankMade({ ...about, effect: 'notApplicable' })));
}

type Write = (head: Head, statement: Statement) => Promise<Appended>;

function writing(deps: Omit<Ports, 'registry' | 'timeoutMs'>, run: RunState, intent: Intent): Write {
  const stamp = stampOf(deps, run, intent.stage, intent.controls);
  const item = intent.versionId ?? run.identityId;
  return (head, statement) =>
    append(deps.evidence, stamp, { chain: 'RUN', head, item, at: iso(deps.now()), statement });
}

function ended(run: RunState, made: Appended): { readonly run: RunState; readonly made: Made } {
  if (made.record.type !== 'ChangeMade') throw lost(run, made.record.type);
  return { run: { ...run, seq: made.head.seq, prev: made.head.prev }, made: made.record };
}

/** What the outcome record says, and where. */
interface Acted {
  readonly head: Head;
  readonly outcome: Statement;
  /** What the run has on record behind it: something only where the step is repeated late. */
  readonly behind: 'nothing' | 'more';
}

/** Writes the intent and acts, unless an earlier worker of this step did. */
async function acted(
  deps: Pick<Ports, 'evidence'>,
  run: RunState,
  { change: what, versionId, supersededId, ready, check }: Intent,
  write: Write,
  act: (turn: Turn) => Promise<Outcome>,
): Promise<Acted> {
  await ready;
  const statement = { type: 'ChangeIntended', change: what, versionId, supersededId } as const;
  const [intended] = await together([write(run, statement), check?.()]);
  const { head, record, status } = intended;
  if (status === 'written') return { head, outcome: blankMade(await act('first')), behind: 'nothing' };
  const outcome = await outcomeAt(deps, run, head, record.token);
  if (outcome === undefined) return { head, outcome: blankMade(await act('repeated')), behind: 'nothing' };
  // The worker before may have died between the outcome and the version rows, or stages may have passed since.
  const next = await deps.evidence.get('RUN', run.runId, head.seq + 1);
  return { head, outcome, behind: next === undefined ? 'nothing' : 'more' };
}

/**
 * The outcome an earlier worker of this step wrote, if it got that far.
 * @throws Failure FenceLost when the run has gone on without it: a delivery this late must not act
 */
async function outcomeAt(
  deps: Pick<Ports, 'evidence'>,
  run: RunState,
  head: Head,
  token: string,
): Promise<Statement | undefined> {
  const stored = await deps.evidence.get('RUN', run.runId, head.seq);
  if (stored === undefined) return undefined;
  const record = parseRecord(stored.body);
  if (record.type === 'ChangeMade' && record.token === token) return record;
  const message = `Run ${run.runId} went on to ${record.stage} after the step that this worker was to repeat. Nothing was changed. Look at the run: gapless evidence show ${run.runId}`;
  throw new Failure('FenceLost', message, 'none');
}

/** An outcome as a record; everything not given is null or empty. */
export function blankMade(outcome: Outcome): Statement {
  return {
    type: 'ChangeMade',
    versionId: null,
    remoteId: null,
    supersededId: null,
    requestId: null,
    cut: null,
    fingerprint: null,
    sessions: null,
    consumers: [],
    detail: null,
    ...outcome,
  };
}

function lost(run: RunState, found: string): Failure {
  return new Failure(
    'FenceLost',
    `Run ${run.runId} holds ${found} where this step's outcome belongs. The step wrote nothing more. Look at the run: gapless evidence show ${run.runId}`,
    'none',
  );
}
