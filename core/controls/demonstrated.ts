import type { RecordOf } from '../evidence/record';
import type { Action } from './actions';
import { refused, sessionsEnded } from './refusal-rules';
import { everyProven, type Rule, type RunFacts, type Shown } from './shown';

/** What a run shows of one action. */
export interface Demonstration extends Shown {
  readonly action: Action;
}

/** Runs that ended so had nothing to do: another run of the identity did it, or does it. */
const NOTHING_TO_DO: readonly (string | null)[] = ['LeaseHeld', 'SlotServed'];

const rules: readonly (readonly [Action, Rule])[] = [
  ['registerIdentity', registered],
  ['scheduledRotation', (facts) => closedOf(facts, 'rotation')],
  ['newAccepted', accepted],
  ['oldRefused', refused],
  ['sessionsEnded', sessionsEnded],
  ['consumersMoved', moved],
  ['emergencyRevocation', (facts) => closedOf(facts, 'revocation')],
  ['recoveryCheck', (facts) => closedOf(facts, 'recheck') ?? restored(facts)],
  ['approval', approved],
  ['evidenceRecord', recorded],
];

/** What a run shows, action by action. A run whose chains do not verify shows nothing good. */
export function demonstrated(facts: RunFacts): readonly Demonstration[] {
  return rules.flatMap(([action, rule]) => {
    const shown = rule(facts);
    if (shown === undefined) return [];
    if (facts.broken === undefined) return [{ action, ...shown }];
    const because = `the run's chains do not verify: ${facts.broken}`;
    return [{ action, result: 'not-satisfied', because, records: shown.records } as const];
  });
}

function registered({ run }: RunFacts): Shown | undefined {
  const opened = run.find((record) => record.type === 'RunOpened');
  if (!opened) return undefined;
  const { id, owner } = opened.identity;
  return owner === ''
    ? { result: 'not-satisfied', because: `${id} has no owner`, records: [opened] }
    : { result: 'satisfied', because: `${id} is owned by ${owner}`, records: [opened] };
}

function closedOf({ run }: RunFacts, kind: RecordOf<'RunOpened'>['kind']): Shown | undefined {
  const opened = run.find((record) => record.type === 'RunOpened');
  if (opened?.kind !== kind) return undefined;
  const closed = run.find((record) => record.type === 'RunClosed');
  if (!closed) return { result: 'not-satisfied', because: `the ${kind} is still open`, records: [opened] };
  const { outcome, level, causeCode } = closed;
  if (outcome === 'refused' && NOTHING_TO_DO.includes(causeCode)) return undefined;
  const because = `the ${kind} ended ${outcome} at ${level}${causeCode === null ? '' : ` (${causeCode})`}`;
  return { result: outcome === 'verified' ? 'satisfied' : 'not-satisfied', because, records: [closed] };
}

function accepted({ proof }: RunFacts): Shown | undefined {
  const judged = proof.filter((record) => record.type === 'Judged');
  return everyProven(judged.filter(({ claim }) => claim === 'accepted'));
}

function restored({ proof }: RunFacts): Shown | undefined {
  const judged = proof.filter((record) => record.type === 'Judged');
  return everyProven(judged.filter(({ stage }) => stage === 'ProveRestored'));
}

/** Consumers on what works now, or without access after a revocation. */
const SETTLED: readonly string[] = ['onNew', 'withoutAccess'];

function moved({ proof }: RunFacts): Shown | undefined {
  const seen = proof
    .filter((record) => record.type === 'Judged')
    .filter(({ consumers }) => consumers.length > 0)
    .at(-1);
  if (!seen) return undefined;
  const behind = seen.consumers
    .filter(({ state }) => !SETTLED.includes(state))
    .map(({ consumer }) => consumer);
  return behind.length === 0
    ? { result: 'satisfied', because: 'no listed consumer is left on a version that works', records: [seen] }
    : { result: 'not-satisfied', because: `not seen there: ${behind.join(', ')}`, records: [seen] };
}

function approved({ run }: RunFacts): Shown | undefined {
  const decided = run.filter((record) => record.type === 'ApprovalDecided').at(-1);
  if (!decided) return undefined;
  const { decision, requester, approver } = decided;
  const records = [decided];
  switch (decision) {
    case 'approved':
      return approver === null || approver.id === requester.id
        ? { result: 'not-satisfied', because: 'nobody but the requester approved it', records }
        : {
            result: 'satisfied',
            because: `approved by ${approver.id}, asked for by ${requester.id}`,
            records,
          };
    case 'denied':
    case 'expired':
      return { result: 'satisfied', because: decision, records };
    case 'refused':
    case 'reviewed':
      return undefined;
    case 'breakGlass':
      return { result: 'not-satisfied', because: 'break-glass: approval was passed over', records };
    default:
      return decision satisfies never;
  }
}

function recorded({ run, proof, broken }: RunFacts): Shown {
  const records = [...run, ...proof];
  return broken === undefined
    ? { result: 'satisfied', because: `${records.length} records, every hash and link holds`, records }
    : { result: 'not-satisfied', because: broken, records };
}
