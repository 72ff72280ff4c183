/** Something a rule does not allow, and where it stands. */
export interface Finding {
  /** The rule that is broken, such as `wildcard-action` or `AwsSolutions-S1`. */
  readonly rule: string;
  /** `<stack>/<logical id>`, as CloudFormation shows it. */
  readonly where: string;
  /** What breaks it: an action, a resource, a principal, a state. Empty where the resource as a whole does. */
  readonly what: string;
}

/** A finding that was judged and is let stand: for one rule, with the reason, until a day. */
export interface Acknowledgement {
  readonly rule: string;
  /** Matches `where` of the findings it is about. */
  readonly where: RegExp;
  /** Matches `what`; every finding of the rule at that place when absent. */
  readonly what?: RegExp;
  /** Why this is right here, in a sentence an auditor can follow. */
  readonly reason: string;
  /** ISO date: the last day it holds. It is judged again by then. */
  readonly until: string;
}

/** What is wrong with findings and acknowledgements together: nothing when every list is empty. */
export interface Judgement {
  /** Findings nobody acknowledged. */
  readonly open: readonly Finding[];
  /** Sentences about acknowledgements that match nothing, give no reason, or ran out. */
  readonly unsound: readonly string[];
}

/** Fewer words than these are no reason. */
const WORDS_OF_A_REASON = 6;

/**
 * Compares findings with what was acknowledged. One that ran out acknowledges nothing.
 * @param today ISO date
 */
export function judge(
  findings: readonly Finding[],
  acknowledgements: readonly Acknowledgement[],
  today: string,
): Judgement {
  const valid = acknowledgements.filter(({ until }) => until >= today);
  return {
    open: findings.filter((finding) => !valid.some((each) => covers(each, finding))),
    unsound: acknowledgements.flatMap((each) => flaws(each, findings, today)),
  };
}

/** The finding in one line. */
export function sentenceOf({ rule, where, what }: Finding): string {
  return `${where}: ${rule}${what === '' ? '' : `: ${what}`}`;
}

/** Whether this acknowledgement is about this finding. */
export function covers({ rule, where, what }: Acknowledgement, finding: Finding): boolean {
  return rule === finding.rule && where.test(finding.where) && (what?.test(finding.what) ?? true);
}

function flaws(each: Acknowledgement, findings: readonly Finding[], today: string): readonly string[] {
  const name = `${each.rule} at ${String(each.where)}${each.what === undefined ? '' : ` for ${String(each.what)}`}`;
  const words = each.reason.split(/\s+/).filter((word) => word !== '').length;
  return [
    ...(findings.some((finding) => covers(each, finding)) ? [] : [`${name}: matches no finding; remove it`]),
    ...(words < WORDS_OF_A_REASON ? [`${name}: gives no reason; say why it is right here`] : []),
    ...(/^\d{4}-\d{2}-\d{2}$/.test(each.until) ? [] : [`${name}: until ${each.until} is no ISO date`]),
    ...(each.until < today ? [`${name}: ran out on ${each.until}; judge it again`] : []),
  ];
}
