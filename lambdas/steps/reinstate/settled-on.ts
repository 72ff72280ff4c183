import type { Subject } from '../../../core/call';
import { append } from '../../../core/evidence/append';
import { Failure } from '../../../core/failure';
import type { Policy } from '../../../core/policy/schema';
import type { IdentityRow } from '../../../core/ports/registry';
import type { RunState } from '../../../core/run/state';
import { blankMade } from '../change';
import { iso, type MutatorDeps } from '../deps';
import { storyOf, type Story } from '../heads';
import { stampOf } from '../stamp';
import { held, type Held } from '../subject';
import { turnedBack } from '../turned-back';

/** The way back of a run, and the candidate that the vault holds, if it does. */
interface Settled {
  readonly undo: RunState;
  readonly row: IdentityRow | undefined;
  readonly candidate: Held | undefined;
}

/** A late copy of Mint writes two records at most, and each makes one look void. */
const LOOKS = 4;

/**
 * Looks whether this run has a candidate, until the answer cannot change any more. Another delivery of Mint may be about
 * to make one, or may claim the identity right after the look. So this step takes the place in the chain first that such a
 * copy needs: whoever claims after that finds it taken and acts no more, and whoever claimed before is still seen acting,
 * or has left what it made in the vault.
 * @throws Failure StepBusy while another delivery of Mint may still be acting at the target
 */
export async function settledOn(
  deps: MutatorDeps,
  run: RunState,
  policy: Policy,
  subject: Subject,
): Promise<Settled> {
  for (let look = 1; ; look += 1) {
    const story = await storyOf(deps.evidence, run.runId);
    const undo = turnedBack(run, story, 'Reinstate');
    const row = await deps.registry.identity(run.identityId);
    assertNobodyMints(deps, run, row);
    const candidate = undo.candidate === null ? undefined : await held(deps, policy, subject, undo.candidate);
    if (isBarred(story)) return { undo, row, candidate };
    await bar(deps, run, policy, story, look);
  }
}

function assertNobodyMints(deps: MutatorDeps, run: RunState, row: IdentityRow | undefined): void {
  const until = row?.fence === run.fence ? row.busyUntil : undefined;
  if (until === undefined || Date.parse(until) <= deps.now()) return;
  const message = `Stage ${row?.busyStage ?? 'unknown'} of run ${run.runId} may still be acting on ${run.identityId} until ${until}. Nothing was changed. The way back begins after that.`;
  throw new Failure('StepBusy', message, 'none');
}

/** Whether this step wrote after everything that Mint did. */
function isBarred({ run }: Story): boolean {
  return run.findLast(({ stage }) => stage === 'Mint' || stage === 'Reinstate')?.stage === 'Reinstate';
}

async function bar(
  deps: MutatorDeps,
  run: RunState,
  { controls }: Policy,
  { heads }: Story,
  look: number,
): Promise<void> {
  const detail = 'the run turns back; from here on it makes no candidate';
  try {
    await append(deps.evidence, stampOf(deps, run, 'Reinstate', controls), {
      chain: 'RUN',
      head: heads,
      item: 'turns back',
      at: iso(deps.now()),
      statement: blankMade({ effect: 'notApplicable', detail }),
    });
  } catch (error) {
    // Somebody wrote there since the look.
    if (!(error instanceof Failure) || error.name !== 'FenceLost' || look >= LOOKS) throw error;
  }
}
