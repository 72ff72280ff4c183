import type { ListedKey, User } from './user';
import { tags } from './user';

/**
 * What the tag `gapless:issuing` holds: who was about to make a key, since when by IAM's clock, and which keys there were.
 * A key carries no label, so this is how one is attributed to a run that died before it could keep what it was given.
 */
export interface Intent {
  readonly runId: string;
  readonly at: number;
  readonly before: readonly string[];
}

/** The longest a worker may act after it wrote its intent, in milliseconds: the time limit of its function. */
const WORKER_MS = 30_000;
/** IAM tells times to the second. */
const SECOND_MS = 1_000;

/** The text of an intent; characters that IAM allows in tag values only. */
export function intentText({ runId, at, before }: Intent): string {
  return `${runId} ${new Date(at).toISOString()} ${before.join('+')}`.trimEnd();
}

/** Reads the intent of a user; undefined where there is none. */
export function intentOf(user: User): Intent | undefined {
  const [runId, since, before = ''] = (user.tags.get(tags.issuing) ?? '').split(' ');
  const at = Date.parse(since ?? '');
  if (!runId || Number.isNaN(at)) return undefined;
  return { runId, at, before: before.split('+').filter((id) => id !== '') };
}

/**
 * The run a key was made for, as far as that can be known: it was not there before the intent, came to be while its
 * worker could still act, and was never used, as nobody holds its secret. Anything less is not attributed.
 */
export function runOf(key: ListedKey, intent: Intent | undefined, lastUsedAt: string | undefined) {
  if (!intent || lastUsedAt !== undefined || intent.before.includes(key.id)) return undefined;
  const age = Date.parse(key.createdAt ?? '') - intent.at;
  return age >= -SECOND_MS && age <= WORKER_MS + SECOND_MS ? intent.runId : undefined;
}
