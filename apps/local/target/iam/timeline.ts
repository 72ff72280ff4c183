/** A value with its past, so that one place can still see what another has changed already. Times are epoch ms. */
export class Timeline<T> {
  readonly #changes: { readonly at: number; readonly value: T }[] = [];

  constructor(private readonly before: T) {}

  set(at: number, value: T): void {
    this.#changes.push({ at, value });
  }

  get now(): T {
    return this.#changes.at(-1)?.value ?? this.before;
  }

  /** What it was at a time; the value it began with, before its first change. */
  at(time: number): T {
    const change = this.#changes.findLast(({ at }) => at <= time);
    return change === undefined ? this.before : change.value;
  }
}
