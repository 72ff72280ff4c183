import { append } from '../../../core/evidence/append';
import type { Head, Stamp } from '../../../core/evidence/chain';
import type { EvidenceRecord, Statement } from '../../../core/evidence/record';
import { START_REISSUE } from '../../../core/run/revoking';
import type { RunState } from '../../../core/run/state';
import type { Markers, Summaries } from '../../../core/ports/registry';
import { blankMade } from '../change';
import { iso, type Deps, type Using } from '../deps';
import { sentenceOf, type RawFailure } from './sentence';

/** The end of a RUN chain: its head and the records up to there. */
interface End {
  readonly head: Head;
  readonly records: readonly EvidenceRecord[];
}

const LEFT = {
  Error: 'ExecutionEnded',
  Cause: 'the execution that was to start it ended before, and what Settle finishes starts none.',
} as const;

/**
 * Puts on record that the reissue which was asked for was not started, where that is so. The history of an execution is
 * gone after 90 days, and nobody is told by it. Repeated, it finds its own records.
 * @param failure of the state that was to start it
 */
export async function withReissue(
  deps: Pick<Deps, 'evidence' | 'now'> & Using<Markers & Summaries>,
  stamp: Stamp,
  run: RunState,
  end: End,
  failure: RawFailure | undefined,
): Promise<End> {
  const why = failure ?? (await leftBySettle(deps, run));
  if (why === undefined) return end;
  const { error, cause } = sentenceOf(why);
  const by = `gapless rotate ${run.identityId} --reissue ${run.about ?? run.runId}`;
  const detail = `${error}: ${cause.slice(0, 700)} No new credential was made. Start the reissue by hand: ${by}`;
  let { head } = end;
  const records = [...end.records];
  const write = async (statement: Statement): Promise<void> => {
    const at = iso(deps.now());
    const entry = { chain: 'RUN', head, item: START_REISSUE, at, statement } as const;
    const written = await append(deps.evidence, stamp, entry);
    head = written.head;
    records.push(written.record);
  };
  await write({ type: 'ChangeIntended', change: START_REISSUE, versionId: null, supersededId: null });
  await write(blankMade({ effect: 'none', detail }));
  return { head, records };
}

/** A revocation that Settle finishes has gone past the state that starts reissues, unless its own execution got there. */
async function leftBySettle(
  { registry }: Using<Markers & Summaries>,
  { direction, reissue }: RunState,
): Promise<RawFailure | undefined> {
  if (direction !== 'contain' || reissue === null) return undefined;
  const [marker, summary] = await Promise.all([registry.run(reissue), registry.summary(reissue)]);
  return marker || summary ? undefined : LEFT;
}
