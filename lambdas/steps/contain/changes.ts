import { append, type Appended } from '../../../core/evidence/append';
import { tokenOf, type Head } from '../../../core/evidence/chain';
import type { RecordOf, Statement } from '../../../core/evidence/record';
import type { RunState } from '../../../core/run/state';
import { blankMade, type Outcome } from '../change';
import type { StepName } from '../contracts';
import { iso, type Deps } from '../deps';
import { storyOf, type Story } from '../heads';
import { stampOf } from '../stamp';

type Ports = Pick<Deps, 'evidence' | 'now' | 'ledgerId' | 'code'>;

/** One of several changes that a stage makes. */
export interface Item {
  /** Null for what is about no credential of the identity. */
  readonly versionId: string | null;
  readonly change: string;
}

/** Writes an intent before and an outcome after each change of a stage that makes several. */
export interface Changes {
  /** Acts, unless an earlier worker of this stage recorded the outcome. */
  make(item: Item, act: () => Promise<Outcome>): Promise<void>;
  /** The run with its chains where they stand now. */
  readonly run: () => RunState;
}

/**
 * The changes of one stage, one after the other. What there is to do is found out anew by each worker and may have grown,
 * so a repeated stage finds its records by their tokens, wherever they stand. The caller has claimed the identity:
 * nobody else writes this chain meanwhile.
 */
export async function changesOf(
  deps: Ports,
  given: RunState,
  stage: StepName,
  controls: readonly string[],
): Promise<Changes> {
  const story = await storyOf(deps.evidence, given.runId);
  let run: RunState = { ...given, ...story.heads };
  const stamp = stampOf(deps, run, stage, controls);
  const write = async (item: string, statement: Statement): Promise<Appended> => {
    const head: Head = run;
    const at = iso(deps.now());
    const written = await append(deps.evidence, stamp, { chain: 'RUN', head, item, at, statement });
    run = { ...run, seq: written.head.seq, prev: written.head.prev };
    return written;
  };
  return {
    make: async ({ versionId, change }, act) => {
      const item = `${versionId ?? change} ${run.round}`;
      const earlier = earlierOf(story, tokenOf(run.runId, stage, item));
      if (earlier.made) return;
      if (!earlier.intended)
        await write(item, { type: 'ChangeIntended', change, versionId, supersededId: null });
      await write(item, blankMade(await act()));
    },
    run: () => run,
  };
}

function earlierOf({ run }: Story, token: string) {
  const own = run.filter((record) => record.token === token);
  return {
    intended: own.some((record) => record.type === 'ChangeIntended'),
    made: own.find((record): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade'),
  };
}
