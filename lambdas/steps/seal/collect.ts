import { pendingLeaves, type PendingLeaves } from '../../../core/ledger/pending';
import { unsealedRun } from '../../../core/ledger/sealed-run';
import type { Marker } from '../../../core/ports/ledger-index';
import type { SealDeps } from './deps';

/** Runs whose chains are read at the same time. */
const ABREAST = 16;

/**
 * A worker that put a marker may still write the run's first record; a Lambda lives 15 minutes at most
 * (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). In milliseconds.
 */
const MAY_STILL_BEGIN_MS = 60 * 60_000;

/**
 * What becomes of a run's marker once its leaves are sealed: `drop` when the terminal record is among them or before
 * them, or the run never began; `reopen` when a closed run has no terminal record, so that Settle closes it.
 */
export type MarkerFate = 'keep' | 'drop' | 'reopen';

/** One run with what is to be sealed of it. */
export interface Collected extends PendingLeaves {
  readonly runId: string;
  readonly fate: MarkerFate;
}

/** Every run that has a marker, by id, each looked at once. */
export async function* collect(deps: SealDeps): AsyncGenerator<Collected> {
  const markers = await deps.index.markers();
  for (let from = 0; from < markers.length; from += ABREAST) {
    const some = markers.slice(from, from + ABREAST);
    const sealed = await deps.index.sealedRuns(some.map(({ runId }) => runId));
    const runs = some.map(async (marker) => {
      const known = sealed.find(({ runId }) => runId === marker.runId) ?? unsealedRun(marker.runId);
      // RUN before PROOF: a RunClosed that is seen has all the proofs it names behind it.
      const run = await deps.evidence.read('RUN', marker.runId, known.run.seq);
      const proof = await deps.evidence.read('PROOF', marker.runId, known.proof.seq);
      const pending = pendingLeaves(deps.ledgerId, { sealed: known, run, proof });
      const terminal = known.closed === 'yes' || pending.leaves.some(({ part }) => part === 'closes');
      const begun = known.run.seq > 0 || run.length > 0;
      const fate = pending.refused
        ? 'keep'
        : fateOf(deps, marker, terminal ? 'closed' : begun ? 'begun' : 'empty');
      return { ...pending, runId: marker.runId, fate };
    });
    yield* await Promise.all(runs);
  }
}

function fateOf(
  deps: Pick<SealDeps, 'now'>,
  marker: Marker,
  found: 'closed' | 'begun' | 'empty',
): MarkerFate {
  if (marker.state === 'open') return 'keep';
  switch (found) {
    case 'closed':
      return 'drop';
    case 'begun':
      return 'reopen';
    case 'empty':
      return deps.now() - Date.parse(marker.openedAt) > MAY_STILL_BEGIN_MS ? 'drop' : 'keep';
    default:
      return found satisfies never;
  }
}
