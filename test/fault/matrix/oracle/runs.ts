import { createHash } from 'node:crypto';
import type { Journal } from '../journal';
import { readChain, START, type Stored, type Told } from './chain';
import type { Violation } from './violation';

/** Both chains of a run as they are stored. */
export interface StoredRun {
  readonly runId: string;
  readonly run: readonly Stored[];
  readonly proof: readonly Stored[];
}

/** Conditions 3, 4 and 7 of one run: intents and outcomes, whole chains with one end, one effect for each token. */
export function runViolations({ runId, run, proof }: StoredRun, journal: Journal): readonly Violation[] {
  const [own, proofs] = [readChain('RUN', runId, run), readChain('PROOF', runId, proof)];
  const found: Violation[] = [...own.wrong, ...proofs.wrong].map((what) => ({ condition: 4, what }));
  const say = (condition: Violation['condition'], what: string) =>
    found.push({ condition, what: `${runId}: ${what}` });
  const ends = own.records.filter(({ type }) => type === 'RunClosed');
  if (ends.length !== 1) say(4, `has ${ends.length} terminal records`);
  const [end] = ends;
  if (end && own.records.at(-1) !== end) say(4, 'has records after its terminal one');
  // A prober that nobody waits for any more may add a proof after the end; it changes nothing of what the end names.
  const { seq = -1, hash } = end?.proofHead ?? {};
  if (end && hash !== (seq === 0 ? START : proof[seq - 1]?.hash)) say(4, 'its end names another last proof');
  for (const what of unanswered(own.records)) say(3, what);
  for (const what of unintended(runId, journal)) say(3, what);
  for (const what of repeated(own.records)) say(7, what);
  return found;
}

/** Every intent is followed by its outcome, and every outcome of a change has its intent before it. */
function unanswered(records: readonly Told[]): readonly string[] {
  const open: Told[] = [];
  const found: string[] = [];
  for (const record of records) {
    if (record.type === 'ChangeIntended') open.push(record);
    if (record.type !== 'ChangeMade') continue;
    const at = open.findIndex((intent) => answers(record, intent));
    if (at >= 0) open.splice(at, 1);
    else if (record.effect !== 'notApplicable')
      found.push(`${record.stage} has an outcome without an intent`);
  }
  return [...found, ...open.map(({ stage }) => `the intent of ${stage} has no outcome`)];
}

/** By the token of the stage itself, or by that of the stage that closed the run for it. */
function answers({ stage, token, runId }: Told, intent: Told): boolean {
  return token === intent.token || token === closingToken(runId, stage, intent.token);
}

/** The token that an item of a stage has: SHA-256 of the three as a JSON list, cut to 32 characters. */
function closingToken(runId: string, stage: string, item: string): string {
  return createHash('sha256')
    .update(JSON.stringify([runId, stage, item]))
    .digest('hex')
    .slice(0, 32);
}

/** Every effect at the target was asked for after the intent of its stage was on record. */
function unintended(runId: string, { seen }: Journal): readonly string[] {
  const intended = new Set<string>();
  const found: string[] = [];
  for (const event of seen) {
    if (event.what === 'record' && event.runId === runId && event.type === 'ChangeIntended')
      intended.add(event.stage);
    if (event.what === 'effect' && event.runId === runId && !intended.has(event.stage))
      found.push(`${event.method} of ${event.stage} came before any intent of it`);
  }
  return found;
}

/** A token stands for one change: it is not answered twice. */
function repeated(records: readonly Told[]): readonly string[] {
  const answers = new Map<string, number>();
  for (const { type, stage, token, effect } of records) {
    if (type !== 'ChangeMade' || effect !== 'applied') continue;
    const key = `${stage} ${token}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
  }
  return [...answers]
    .filter(([, times]) => times > 1)
    .map(([key, times]) => `${key} took effect ${times} times`);
}
