import type { EvidenceRecord, RecordOf } from '../../../core/evidence/record';
import type { Verdict } from '../../../core/probe';
import { parseRecord } from '../../../core/evidence/record';
import type { EvidenceStore } from '../../../core/ports/evidence-store';
import { because } from '../../../core/verdict/judge';
import { stepContracts, type StepName } from '../../../lambdas/steps/contracts';

type Judged = RecordOf<'Judged'>;

/** What a proving stage found. */
export interface Proof {
  /** The answer to the credential the stage was about; the worst one where there are several paths. */
  readonly verdict: Verdict['state'];
  readonly finding: Judged['finding'];
  /** The facts behind it, in words. */
  readonly facts: string;
  readonly cause: string | null;
}

/** The newest finding of a proving stage; undefined for other stages, and where nothing was recorded. */
export async function proofOf(
  evidence: Pick<EvidenceStore, 'read'>,
  runId: string,
  stage: string,
): Promise<Proof | undefined> {
  if (!isStep(stage) || stepContracts[stage].nature !== 'proving') return undefined;
  const records = (await evidence.read('PROOF', runId)).map(({ body }) => parseRecord(body));
  const judged = records.findLast((record): record is Judged => isJudged(record) && record.stage === stage);
  return (
    judged && {
      verdict: verdictOf(judged),
      finding: judged.finding,
      facts: factsOf(judged),
      cause: judged.cause,
    }
  );
}

function isStep(name: string): name is StepName {
  return Object.hasOwn(stepContracts, name);
}

function isJudged(record: EvidenceRecord): record is Judged {
  return record.type === 'Judged';
}

function verdictOf({ observed, versionId }: Judged): Verdict['state'] {
  const states = observed.filter((line) => line.versionId === versionId).map(({ verdict }) => verdict.state);
  if (states.length === 0 || states.includes('inconclusive')) return 'inconclusive';
  return states.includes('accepted') ? 'accepted' : 'refused';
}

function factsOf({ observed, sessions, consumers }: Judged): string {
  const seen = observed.map(({ path, operation, verdict, attempts }) => {
    const times = attempts > 1 ? ` ×${attempts}` : '';
    const where = path === 'direct' ? '' : ` on ${path}`;
    return `${operation} ${answer(verdict)}${times}${where}`;
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
function answer(verdict: Verdict): string {
  return verdict.state === 'inconclusive' ? 'inconclusive' : because(verdict);
}
