import * as z from 'zod/mini';

const oneOrMore = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((value) => (typeof value === 'string' ? [value] : value)),
);
const conditionValues = z.pipe(
  z.union([z.string(), z.boolean(), z.number(), z.array(z.union([z.string(), z.boolean(), z.number()]))]),
  z.transform((value) => (Array.isArray(value) ? value : [value]).map(String)),
);

const OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'Bool',
  'Null',
  'NumericLessThan',
] as const;
type Operator = (typeof OPERATORS)[number];
const CONDITION = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

const Statement = z.object({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.optional(z.unknown()),
  Action: z.optional(oneOrMore),
  NotAction: z.optional(oneOrMore),
  Resource: z.optional(oneOrMore),
  NotResource: z.optional(oneOrMore),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), conditionValues))),
});
const Document = z.object({
  Version: z.optional(z.string()),
  Statement: z.pipe(
    z.union([Statement, z.array(Statement)]),
    z.transform((value) => (Array.isArray(value) ? value : [value])),
  ),
});

/** One statement of a policy, lists normalised. */
export type Statement = z.infer<typeof Statement>;

/** What is asked of a policy: one action on one resource, with the condition keys the request has. */
export interface Question {
  readonly action: string;
  /** `undefined` where the request does not tell its resource; then only the action is matched. */
  readonly resource: string | undefined;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/**
 * Parses a policy document.
 * @throws Error naming the condition operator or element the engine does not evaluate, and where it stands.
 */
export function parsePolicy(document: unknown, where: string): readonly Statement[] {
  const parsed = Document.safeParse(document);
  if (!parsed.success) {
    throw new Error(
      `${where}: not a policy document gapless local understands: ${z.prettifyError(parsed.error)}`,
    );
  }
  for (const statement of parsed.data.Statement) checkOperators(statement, where);
  return parsed.data.Statement;
}

function checkOperators(statement: Statement, where: string): void {
  for (const key of Object.keys(statement.Condition ?? {})) {
    const operator = CONDITION.exec(key)?.[2];
    if (!OPERATORS.some((known) => known === operator)) {
      throw new Error(
        `${where}: condition operator ${key} is not implemented; known are ${OPERATORS.join(', ')}`,
      );
    }
  }
}

// As many as there are patterns in the deployed templates.
const globs = new Map<string, RegExp>();

function glob(pattern: string): RegExp {
  const known = globs.get(pattern);
  if (known) return known;
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const made = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  globs.set(pattern, made);
  return made;
}

/** IAM's wildcard match: `*` is any text, `?` is one character. */
export const like = (pattern: string, value: string): boolean =>
  pattern === '*' || pattern === value || (/[*?]/.test(pattern) && glob(pattern).test(value));

function holds(operator: Operator, wanted: readonly string[], actual: string): boolean {
  switch (operator) {
    case 'StringEquals':
      return wanted.includes(actual);
    case 'StringNotEquals':
      return !wanted.includes(actual);
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return wanted.some((pattern) => like(pattern, actual));
    case 'StringNotLike':
      return !wanted.some((pattern) => like(pattern, actual));
    case 'Bool':
      return wanted.includes(actual.toLowerCase());
    case 'NumericLessThan':
      return wanted.some((limit) => Number(actual) < Number(limit));
    case 'Null':
      return false;
    default:
      return operator satisfies never;
  }
}

function conditionHolds(key: string, name: string, wanted: readonly string[], question: Question): boolean {
  const [, quantifier, named, ifExists] = CONDITION.exec(key) ?? [];
  const operator = OPERATORS.find((known) => known === named) ?? 'Null';
  const actual = Object.entries(question.context).find(
    ([each]) => each.toLowerCase() === name.toLowerCase(),
  )?.[1];
  if (operator === 'Null') return wanted.includes(String(actual === undefined));
  // ForAllValues is true of a request without the key: IAM's own rule, and a known trap.
  if (quantifier === 'ForAllValues') return (actual ?? []).every((value) => holds(operator, wanted, value));
  if (actual === undefined) return ifExists !== undefined || operator.startsWith('StringNot');
  return actual.some((value) => holds(operator, wanted, value));
}

/** Whether a statement is about this question: action, resource and every condition. */
export function applies(statement: Statement, question: Question): boolean {
  const action = question.action.toLowerCase();
  const matches = (patterns: readonly string[]) =>
    patterns.some((pattern) => like(pattern.toLowerCase(), action));
  if (statement.Action && !matches(statement.Action)) return false;
  if (statement.NotAction && matches(statement.NotAction)) return false;
  const { resource } = question;
  if (resource !== undefined) {
    if (statement.Resource && !statement.Resource.some((pattern) => like(pattern, resource))) return false;
    if (statement.NotResource?.some((pattern) => like(pattern, resource))) return false;
  }
  return Object.entries(statement.Condition ?? {}).every(([key, tests]) =>
    Object.entries(tests).every(([name, wanted]) => conditionHolds(key, name, wanted, question)),
  );
}

/** IAM's verdict over all statements: an explicit deny wins, then an allow, else nothing allows it. */
export function decide(
  statements: readonly Statement[],
  question: Question,
): 'allowed' | 'denied' | 'notAllowed' {
  const about = statements.filter((statement) => applies(statement, question));
  if (about.some((statement) => statement.Effect === 'Deny')) return 'denied';
  return about.some((statement) => statement.Effect === 'Allow') ? 'allowed' : 'notAllowed';
}
