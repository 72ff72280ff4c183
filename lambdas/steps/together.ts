type Results<T extends readonly unknown[]> = { -readonly [I in keyof T]: Awaited<T[I]> };

/**
 * Waits until everything has ended, well or not, and only then throws the first failure in the order given. What is
 * still on its way when a step fails could otherwise land behind the back of whoever comes after it.
 */
export async function together<const T extends readonly unknown[]>(work: T): Promise<Results<T>> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  // Everything has succeeded, so this only takes the values out, with their types.
  return Promise.all(work);
}
