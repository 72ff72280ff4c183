import * as z from 'zod/mini';

const listOf = <T>(item: z.ZodMiniType<T>) =>
  z.pipe(
    z.union([z.array(item), item]),
    z.transform((value: T | T[]): T[] => (Array.isArray(value) ? value : [value])),
  );
const names = z.optional(listOf(z.string()));
// Names of actions are the same in any case.
const actions = z.optional(listOf(z.string().check(z.toLowerCase())));

const Statement = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.optional(z.unknown()),
  Action: actions,
  NotAction: z.optional(z.never()),
  Resource: names,
  NotResource: z.optional(z.never()),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), listOf(z.coerce.string())))),
});
const Document = z.object({ Statement: listOf(Statement) });

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
  const refuse = (why: string): never => {
    throw new Error(`${where}: ${why}`);
  };
  if (!parsed.success)
    return refuse(`not a policy document gapless local understands: ${z.prettifyError(parsed.error)}`);
  const { Statement: statements } = parsed.data;
  for (const key of statements.flatMap(({ Condition }) => Object.keys(Condition ?? {}))) {
    if (!operatorOf(key))
      refuse(`condition operator ${key} is not implemented; known are ${Object.keys(OPERATORS).join(', ')}`);
  }
  return statements;
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

type Operator = (wanted: readonly string[], actual: string) => boolean;
const likeOne: Operator = (wanted, actual) => wanted.some((pattern) => like(pattern, actual));
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: (wanted, actual) => wanted.includes(actual),
  StringNotEquals: (wanted, actual) => !wanted.includes(actual),
  StringLike: likeOne,
  ArnLike: likeOne,
  DateLessThan: (wanted, actual) => wanted.some((limit) => Date.parse(actual) < Date.parse(limit)),
  Bool: (wanted, actual) => wanted.includes(actual.toLowerCase()),
  // Asks for the key itself; with a value it is not absent.
  Null: (wanted) => wanted.includes('false'),
};
const CONDITION = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+)$/;

function operatorOf(key: string) {
  const [, quantifier, name = ''] = CONDITION.exec(key) ?? [];
  const holds = OPERATORS[name];
  return holds && { name, holds, quantifier };
}

function conditionHolds(key: string, name: string, wanted: readonly string[], question: Question): boolean {
  // Operators are checked when a policy is read.
  const operator = operatorOf(key)!;
  const sameName = ([each]: readonly [string, unknown]) => each.toLowerCase() === name.toLowerCase();
  const actual = Object.entries(question.context).find(sameName)?.[1];
  const test = (value: string) => operator.holds(wanted, value);
  // ForAllValues is true of a request without the key: IAM's own rule, and a known trap.
  if (operator.quantifier === 'ForAllValues') return (actual ?? []).every(test);
  if (actual) return actual.some(test);
  return operator.name === 'StringNotEquals' || (operator.name === 'Null' && wanted.includes('true'));
}

/** Whether a statement is about this question: action, resource and every condition. */
function applies(statement: Statement, question: Question, action: string): boolean {
  const { Action, Resource } = statement;
  const { resource } = question;
  if (Action && !Action.some((pattern) => like(pattern, action))) return false;
  if (resource !== undefined && Resource && !Resource.some((pattern) => like(pattern, resource)))
    return false;
  return Object.entries(statement.Condition ?? {}).every(([key, tests]) =>
    Object.entries(tests).every(([name, wanted]) => conditionHolds(key, name, wanted, question)),
  );
}

/** What policies say about a question. */
export type Verdict = 'allowed' | 'denied' | 'notAllowed';

/** IAM's verdict over all statements: an explicit deny wins, then an allow, else nothing allows it. */
export function decide(statements: readonly Statement[], question: Question): Verdict {
  const action = question.action.toLowerCase();
  const about = statements.filter((statement) => applies(statement, question, action));
  if (about.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return about.length > 0 ? 'allowed' : 'notAllowed';
}
