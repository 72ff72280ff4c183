import { Failure } from '../../../core/failure';

/** What became of one piece of work. */
export type Tried = 'done' | 'nothing' | Failure;

/** So many pieces of work at once: a thousand have to fit into one look. */
const AT_ONCE = 32;

/**
 * Works on each item, a bounded number at once and in their order, until `most` were done. One that fails keeps nobody
 * from the others.
 */
export async function each<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<Tried>,
): Promise<{ readonly done: number; readonly failed: readonly Failure[] }> {
  let done = 0;
  const failed: Failure[] = [];
  for (let from = 0; from < items.length && done < most;) {
    const batch = items.slice(from, from + Math.min(AT_ONCE, most - done));
    from += batch.length;
    const tried = await Promise.all(
      batch.map(async (item) => work(item).catch((error: unknown) => asFailure(error))),
    );
    done += tried.filter((one) => one === 'done').length;
    failed.push(...tried.filter((one) => one instanceof Failure));
  }
  return { done, failed };
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new Failure('Internal', `${name}, not foreseen.`, 'unknown');
}
