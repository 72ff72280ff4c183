import type { EvidenceStore } from '../ports/evidence-store';
import { parseRecord, type Actor, type RecordOf } from '../evidence/record';
import { sessionOf, type Requester } from './principal';
import { freeze } from './request';

/**
 * Whoever repeats a start while its execution runs is in the log, too. More than so many are not looked at: each of them
 * only keeps somebody from approving.
 */
export const MOST_CONFIRMED = 4;

/** Id of the run that records the nth person whom the API log names for a run, from 1: 40 hex digits. */
export function confirmationIdOf(runId: string, nth: number): string {
  return freeze({ confirmationOf: runId, nth }).sha256.slice(0, 40);
}

/** Everybody whom the account's API log has named as who started a run, as evidence has it; nobody before that. */
export async function confirmedFor(
  evidence: Pick<EvidenceStore, 'get'>,
  runId: string,
): Promise<readonly RecordOf<'RequesterConfirmed'>[]> {
  const found: RecordOf<'RequesterConfirmed'>[] = [];
  for (let nth = 1; nth <= MOST_CONFIRMED; nth += 1) {
    const stored = await evidence.get('RUN', confirmationIdOf(runId, nth), 1);
    const record = stored && parseRecord(stored.body);
    if (record?.type !== 'RequesterConfirmed') return found;
    found.push(record);
  }
  return found;
}

/** Somebody whom the log names, as the rules of an approval see a requester. */
export function requesterNamed({
  requester,
  principalArn,
}: {
  readonly requester: Actor;
  readonly principalArn: string;
}): Requester {
  return { actor: requester, principal: sessionOf(requester.id, principalArn) };
}
