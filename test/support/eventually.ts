import { setTimeout as pause } from 'node:timers/promises';

/** Asks again until `holds` accepts the answer. Throws with the last answer after `limitMs`. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  holds: (answer: T) => boolean,
  limitMs = 60_000,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (limit.aborted) throw new Error(`not within ${limitMs} ms; last answer: ${JSON.stringify(answer)}`);
    await pause(10);
  }
}
