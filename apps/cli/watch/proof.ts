import type { EvidenceRecord, RecordOf } from '../../../core/evidence/record';
import type { Verdict } from '../../../core/probe';
import { parseRecord } from '../../../core/evidence/record';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import { because } from '../../../core/verdict/judge';
import { stepContracts, type StepName } from '../../../lambdas/steps/contracts';

type Judged = RecordOf<'Judged'>;

/** What a target answered; `contained` where nobody could present the credential, and it was read back instead. */
export type Answer = Verdict['state'] | 'contained';

/** What a proving stage found; of several credentials, the worst. */
export interface Proof {
  /** The answer to the credential the stage was about; the worst one where there are several paths. */
  readonly verdict: Answer;
  readonly finding: Judged['finding'];
  /** The facts behind it, in words. */
  readonly facts: string;
  readonly cause: string | null;
}

/** Worst first. */
const worst = ['disproven', 'inconclusive', 'proven'] as const satisfies readonly Judged['finding'][];

/** What a proving stage found last; undefined for other stages, and where nothing was recorded. */
export async function proofOf(
  evidence: Pick<EvidenceStore, 'read'>,
  runId: string,
  stage: string,
): Promise<Proof | undefined> {
  if (!isStep(stage) || stepContracts[stage].nature !== 'proving') return undefined;
  const records = (await evidence.read('PROOF', runId)).map(({ body }) => parseRecord(body));
  const judged = records.filter((record): record is Judged => isJudged(record) && record.stage === stage);
  const newest = [...new Map(judged.map((record) => [record.versionId, record])).values()];
  const [shown] = newest.toSorted((a, b) => worst.indexOf(a.finding) - worst.indexOf(b.finding));
  return (
    shown && {
      verdict: answerOf(shown),
      finding: shown.finding,
      facts: newest.length === 1 ? factsOf(shown) : `${newest.length} credentials`,
      cause: shown.cause,
    }
  );
}

function isStep(name: string): name is StepName {
  return Object.hasOwn(stepContracts, name);
}

function isJudged(record: EvidenceRecord): record is Judged {
  return record.type === 'Judged';
}

/** The answer to the credential that a proof is about; the worst one where there are several paths. */
export function answerOf({ observed, versionId, claim }: Judged): Answer {
  if (claim === 'contained') return 'contained';
  const states = observed.filter((line) => line.versionId === versionId).map(({ verdict }) => verdict.state);
  if (states.length === 0 || states.includes('inconclusive')) return 'inconclusive';
  return states.includes('accepted') ? 'accepted' : 'refused';
}

/** The facts behind a proof, in words: each path's answers, the sessions, the consumers. */
export function factsOf({ observed, sessions, consumers }: Judged): string {
  const seen = observed.map(({ path, operation, verdict, attempts }) => {
    const times = attempts > 1 ? ` ×${attempts}` : '';
    const where = path === 'direct' ? '' : ` on ${path}`;
    return `${operation} ${spoken(verdict)}${times}${where}`;
  });
  const open =
    sessions?.method === 'counted' ? [`sessions ${sessions.before ?? '?'} → ${sessions.after ?? '?'}`] : [];
  const moved = consumers.map(({ consumer, state }) => `${consumer} ${words[state]}`);
  return [...seen, ...open, ...moved].join(', ');
}

const words = {
  onNew: 'on new',
  onOld: 'still on old',
  withoutAccess: 'without access',
  unknown: 'not seen',
} as const;

/** The cause of an inconclusive verdict stands on a line of its own. */
function spoken(verdict: Verdict): string {
  return verdict.state === 'inconclusive' ? 'inconclusive' : because(verdict);
}
