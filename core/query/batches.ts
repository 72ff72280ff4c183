/** Does the same to each of many, at most so many at a time; answers are in the order given. */
export async function batches<T, R>(
  all: readonly T[],
  atOnce: number,
  each: (one: T) => Promise<R>,
): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < all.length; from += atOnce)
    done.push(...(await Promise.all(all.slice(from, from + atOnce).map((one) => each(one)))));
  return done;
}
