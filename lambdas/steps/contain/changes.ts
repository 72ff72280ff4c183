import { append, type Appended } from '../../../core/evidence/append';
import { headAfter, tokenOf, type Head } from '../../../core/evidence/chain';
import {
  parseRecord,
  type EvidenceRecord,
  type RecordOf,
  type Statement,
} from '../../../core/evidence/record';
import { isStoreDown } from '../../../core/evidence/spilling';
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
  const read = await storyOf(deps.evidence, given.runId).catch((error: unknown) => {
    if (given.kind !== 'revocation' || !isStoreDown(error)) throw error;
    return undefined;
  });
  // Shorter than the machine knows it to be: records of it are where nobody can read now, and their places are taken.
  const story =
    read === undefined || read.heads.seq < given.seq ? await storyFromState(deps.evidence, given) : read;
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

/**
 * What this stage wrote, where the chain before it cannot be read: an emergency contains all the same, from where its
 * state says the chain stands.
 */
async function storyFromState(evidence: Deps['evidence'], given: RunState): Promise<Story> {
  const run: EvidenceRecord[] = [];
  let head: Head = given;
  for (;;) {
    const own = await evidence.get('RUN', given.runId, head.seq).catch((error: unknown) => {
      if (!isStoreDown(error)) throw error;
      return undefined;
    });
    if (!own) return { run, proof: [], heads: { ...given, seq: head.seq, prev: head.prev } };
    run.push(parseRecord(own.body));
    head = headAfter(own);
  }
}

function earlierOf({ run }: Story, token: string) {
  const own = run.filter((record) => record.token === token);
  return {
    intended: own.some((record) => record.type === 'ChangeIntended'),
    made: own.find((record): record is RecordOf<'ChangeMade'> => record.type === 'ChangeMade'),
  };
}
