import type { Verdict } from '../probe';

/** One round on one path: the subject's answer beside both controls. `at` is epoch milliseconds of the prober's clock. */
export interface Round {
  readonly path: string;
  readonly at: number;
  readonly subject: Verdict;
  /** A credential known to be good, on the same path. Absent = no control exists, and nothing can be proven. */
  readonly positive: Verdict | undefined;
  /** A random credential, on the same path. */
  readonly negative: Verdict;
}

export interface RefusalRule {
  /** Every path that has to refuse. */
  readonly paths: readonly string[];
  /** Consecutive refusals that make one stable. */
  readonly refusals: number;
  /** Milliseconds the consecutive refusals must span. */
  readonly windowMs: number;
  /** Signals that show the credential itself is dead; a refusal with another signal proves only the account's state. */
  readonly signals: readonly string[];
  /** Further signals that count on every path but `direct`: an enforcement point in front of the target refused. */
  readonly edgeSignals?: readonly string[];
  /** Rounds at or before this time (epoch ms) are worth nothing: a change may still have been in flight. */
  readonly notBefore: number;
}

/** The judged answer. Inconclusive carries why, in words for a person; it never passes for refused. */
export type Finding =
  | {
      readonly state: 'refused';
      readonly firstStableRefusal: number;
      readonly lastAccepted: number | undefined;
    }
  | { readonly state: 'accepted'; readonly lastAccepted: number; readonly path: string }
  | { readonly state: 'inconclusive'; readonly cause: string; readonly lastAccepted: number | undefined };

interface PathFinding {
  readonly path: string;
  readonly stableSince: number | undefined;
  readonly lastAccepted: number | undefined;
  readonly latest: 'accepted' | 'refused' | 'inconclusive';
  readonly cause: string;
}

/**
 * Judges whether a credential is refused: on every path, `refusals` times in a row over the settle window, both
 * controls holding in each of those rounds. Any `accepted` restarts the count, and so does a round that proves nothing.
 * Pure: the same rounds give the same finding.
 */
export function judgeRefusal(rounds: readonly Round[], rule: RefusalRule): Finding {
  const findings = rule.paths.map((path) => judgePath(rounds, path, rule));
  const lastAccepted = latest(findings.map((finding) => finding.lastAccepted));
  const accepting = findings.find((finding) => finding.latest === 'accepted');
  if (accepting) return { state: 'accepted', lastAccepted: lastAccepted ?? 0, path: accepting.path };
  const open = findings.find((finding) => finding.stableSince === undefined);
  if (open) return { state: 'inconclusive', cause: `path ${open.path}: ${open.cause}`, lastAccepted };
  const firstStableRefusal = latest(findings.map((finding) => finding.stableSince));
  if (firstStableRefusal === undefined)
    return { state: 'inconclusive', cause: 'no path was listed', lastAccepted };
  return { state: 'refused', firstStableRefusal, lastAccepted };
}

function judgePath(rounds: readonly Round[], path: string, rule: RefusalRule): PathFinding {
  let streak: number[] = [];
  let lastAccepted: number | undefined;
  let answer: PathFinding['latest'] = 'inconclusive';
  let cause = 'not probed';
  for (const round of rounds) {
    if (round.path !== path) continue;
    const worth = weigh(round, rule);
    answer = worth.state;
    if (worth.state === 'refused') {
      streak.push(round.at);
      cause = `refused ${streak.length} of ${rule.refusals} times in a row over ${round.at - (streak[0] ?? round.at)} of ${rule.windowMs} ms`;
      continue;
    }
    streak = [];
    cause = worth.cause;
    if (worth.state === 'accepted') lastAccepted = round.at;
  }
  const first = streak[0];
  const last = streak.at(-1);
  const stable =
    first !== undefined &&
    last !== undefined &&
    streak.length >= rule.refusals &&
    last - first >= rule.windowMs;
  return { path, stableSince: stable ? first : undefined, lastAccepted, latest: answer, cause };
}

type Worth = { readonly state: 'refused' | 'accepted' | 'inconclusive'; readonly cause: string };

/** What one round is worth once its controls and its time are taken into account. */
function weigh(round: Round, rule: RefusalRule): Worth {
  // An accepted old credential is a fact whatever the controls say.
  if (round.subject.state === 'accepted') return { state: 'accepted', cause: 'accepted' };
  if (round.at <= rule.notBefore) return { state: 'inconclusive', cause: 'a change was still in flight' };
  const broken = brokenControl(round);
  if (broken !== undefined) return { state: 'inconclusive', cause: broken };
  if (round.subject.state === 'inconclusive') return { state: 'inconclusive', cause: round.subject.cause };
  const signals = round.path === 'direct' ? rule.signals : [...rule.signals, ...(rule.edgeSignals ?? [])];
  if (!signals.includes(round.subject.signal)) {
    const cause = `refused with ${round.subject.signal}, which does not show that the credential is dead (${signals.join(', ')} does)`;
    return { state: 'inconclusive', cause };
  }
  return { state: 'refused', cause: 'refused' };
}

/** Names the control that does not hold in a round; undefined when both hold. */
export function brokenControl(round: Pick<Round, 'positive' | 'negative'>): string | undefined {
  if (round.positive === undefined) return 'there is no positive control on this path';
  if (round.positive.state !== 'accepted')
    return `the positive control was not accepted: ${because(round.positive)}`;
  if (round.negative.state !== 'refused')
    return `a random credential was not refused: ${because(round.negative)}`;
  return undefined;
}

/** A verdict's reason in words. */
export function because(verdict: Verdict): string {
  switch (verdict.state) {
    case 'accepted':
      return 'accepted';
    case 'refused':
      return `refused (${verdict.signal})`;
    case 'inconclusive':
      return verdict.cause;
    default:
      return verdict satisfies never;
  }
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Judges whether a credential is accepted: on every path the newest round accepts it while a random one is refused. */
export function judgeAcceptance(rounds: readonly Round[], paths: readonly string[]): Finding {
  for (const path of paths) {
    const round = rounds.findLast((candidate) => candidate.path === path);
    if (!round) return { state: 'inconclusive', cause: `path ${path}: not probed`, lastAccepted: undefined };
    if (round.negative.state !== 'refused') {
      const cause = `path ${path}: a random credential was not refused: ${because(round.negative)}`;
      return { state: 'inconclusive', cause, lastAccepted: undefined };
    }
    if (round.subject.state === 'refused') {
      return { state: 'refused', firstStableRefusal: round.at, lastAccepted: undefined };
    }
    if (round.subject.state === 'inconclusive') {
      return {
        state: 'inconclusive',
        cause: `path ${path}: ${round.subject.cause}`,
        lastAccepted: undefined,
      };
    }
  }
  const last = rounds.at(-1);
  if (!last || paths.length === 0)
    return { state: 'inconclusive', cause: 'no path was listed', lastAccepted: undefined };
  return { state: 'accepted', lastAccepted: last.at, path: last.path };
}
