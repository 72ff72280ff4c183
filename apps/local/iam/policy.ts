import * as z from 'zod/mini';
import { once } from '../once';

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

/** One test of a condition key. */
interface Condition {
  /** The key in lower case; names of keys are the same in any case. */
  readonly key: string;
  /** Whether the values a request has for the key pass; `undefined` where it has none. */
  readonly holds: (actual: readonly string[] | undefined) => boolean;
}

/** One statement of a policy, lists normalised. */
export interface Statement extends Omit<z.infer<typeof Statement>, 'Condition'> {
  readonly conditions: readonly Condition[];
}

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
  return parsed.data.Statement.map(({ Condition = {}, ...statement }) => {
    const conditions = Object.entries(Condition).flatMap(([operator, tests]) => {
      const known = Object.keys(OPERATORS).join(', ');
      const test =
        testOf(operator) ?? refuse(`condition operator ${operator} is not implemented; known are ${known}`);
      return Object.entries(tests).map(([key, wanted]) => ({ key: key.toLowerCase(), holds: test(wanted) }));
    });
    return { ...statement, conditions };
  });
}

const glob = once((pattern) => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
});

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

/** How an operator such as `ForAnyValue:StringLike` tests a key; `undefined` where the engine does not know it. */
function testOf(operator: string): ((wanted: readonly string[]) => Condition['holds']) | undefined {
  const [, quantifier, name = ''] = CONDITION.exec(operator) ?? [];
  const holds = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!holds) return undefined;
  return (wanted) => {
    const test = (value: string) => holds(wanted, value);
    // ForAllValues is true of a request without the key: IAM's own rule, and a known trap.
    if (quantifier === 'ForAllValues') return (actual) => (actual ?? []).every(test);
    const absent = name === 'StringNotEquals' || (name === 'Null' && wanted.includes('true'));
    return (actual) => actual?.some(test) ?? absent;
  };
}

/** Whether a statement is about this question: action, resource and every condition. */
function applies(statement: Statement, question: Question, action: string): boolean {
  const { Action, Resource, conditions } = statement;
  const { resource, context } = question;
  if (Action && !Action.some((pattern) => like(pattern, action))) return false;
  if (resource !== undefined && Resource && !Resource.some((pattern) => like(pattern, resource)))
    return false;
  const given = (key: string) => Object.entries(context).find(([name]) => name.toLowerCase() === key)?.[1];
  return conditions.every(({ key, holds }) => holds(given(key)));
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
