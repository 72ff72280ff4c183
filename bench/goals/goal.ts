/** One goal of the performance goals, measured or not. */
export interface Measured {
  /** Such as `P1`. */
  readonly id: string;
  readonly what: string;
  readonly goal: string;
  /** What was seen, in words. */
  readonly seen: string;
  /** `printed`: there is a figure, and no goal for it here. */
  readonly state: 'met' | 'missed' | 'printed' | 'not measured';
}

/** A figure that must not exceed its goal; without a figure there is no verdict. */
export function atMost(
  about: Pick<Measured, 'id' | 'what'>,
  seen: number | undefined,
  goal: number,
): Measured {
  return judged(about, seen, `<= ${goal}`, (figure) => figure <= goal);
}

/** A figure that must reach its goal. */
export function atLeast(
  about: Pick<Measured, 'id' | 'what'>,
  seen: number | undefined,
  goal: number,
): Measured {
  return judged(about, seen, `>= ${goal}`, (figure) => figure >= goal);
}

function judged(
  about: Pick<Measured, 'id' | 'what'>,
  seen: number | undefined,
  goal: string,
  isMet: (figure: number) => boolean,
): Measured {
  if (seen === undefined) return { ...about, goal, seen: 'too few samples', state: 'not measured' };
  return { ...about, goal, seen: shown(seen), state: isMet(seen) ? 'met' : 'missed' };
}

function shown(figure: number): string {
  if (Number.isInteger(figure)) return String(figure);
  return figure < 0.01 ? figure.toFixed(6) : figure.toFixed(2);
}

/** The goals as one table for people. */
export function table(goals: readonly Measured[]): string {
  const rows = [
    ['', 'what', 'goal', 'seen', ''],
    ...goals.map(({ id, what, goal, seen, state }) => [id, what, goal, seen, state]),
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
