import * as z from 'zod/mini';
import { DefinitionError } from './errors';
import { compile, expressionsIn } from './expression';
import { isJson, messageOf, parseJson, type Json } from './json';
import { stateSchema, workflowSchema, type Fields } from './schema';

/** A machine, a branch, or what a Map runs for each item: read, and found to use only what this interpreter has. */
export interface Workflow {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  /** Whole seconds an execution may take; only a machine has such a limit. */
  readonly timeoutSeconds?: number | undefined;
}

/** A Parallel state with its branches read. */
export type ParallelState = Fields<'Parallel'> & { readonly branches: readonly Workflow[] };
/** A Map state with its item processor read. */
export type MapState = Fields<'Map'> & { readonly processor: Workflow };

/** A state ready to be run. */
export type State =
  Fields<'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail'> | ParallelState | MapState;

type Path = readonly string[];

/**
 * Reads the definition of a state machine.
 * @param definition the object, or its JSON text as CreateStateMachine takes it
 * @param supported whether a task's Resource can be performed
 * @throws DefinitionError for anything malformed, and by name for every feature this interpreter lacks, JSONPath first
 */
export function parseDefinition(definition: unknown, supported: Reading['supported']): Workflow {
  const value = typeof definition === 'string' ? parseJson(definition, malformed) : definition;
  const language = isJson(value) ? (value['QueryLanguage'] ?? 'JSONPath') : undefined;
  return readWorkflow(value, [], { language, supported });
}

const malformed = (why: string) => new DefinitionError('invalid', 'JSON', [], why);

interface Reading {
  /** Query language of states that name none. */
  readonly language: unknown;
  readonly supported: (resource: string) => boolean;
}

function readWorkflow(value: unknown, path: Path, around: Reading): Workflow {
  const raw = parse(workflowSchema, value, path);
  const states = new Map<string, State>();
  for (const [name, state] of Object.entries(raw.States)) {
    states.set(name, readState(state, [...path, name], around));
  }
  const workflow = { startAt: raw.StartAt, states, timeoutSeconds: raw.TimeoutSeconds };
  checkTargets(workflow, path);
  return workflow;
}

function readState(raw: Json, path: Path, around: Reading): State {
  if ((raw['QueryLanguage'] ?? around.language) !== 'JSONata') {
    const why = 'only JSONata is supported; set "QueryLanguage": "JSONata"';
    throw new DefinitionError('unsupported', 'JSONPath', path, why);
  }
  const state = parse(stateSchema, raw, path);
  checkExpressions(state, path);
  if (state.Type === 'Task' && !around.supported(state.Resource)) {
    const why = 'the embedded engine has no such task integration';
    throw new DefinitionError('unsupported', `Resource ${state.Resource}`, path, why);
  }
  if (state.Type === 'Parallel')
    return { ...state, branches: state.Branches.map((branch) => readWorkflow(branch, path, around)) };
  return state.Type === 'Map' ? { ...state, processor: readProcessor(state, path, around) } : state;
}

function readProcessor(state: Fields<'Map'>, path: Path, around: Reading): Workflow {
  const distributed = state.ItemProcessor.ProcessorConfig?.Mode === 'DISTRIBUTED';
  const field = (['ItemReader', 'Label'] as const).find((name) => state[name] !== undefined);
  if (field && !distributed)
    throw new DefinitionError('invalid', field, path, 'needs ProcessorConfig.Mode DISTRIBUTED');
  return readWorkflow(state.ItemProcessor, path, around);
}

const NOT_EVALUATED = new Set(['Branches', 'ItemProcessor', 'Comment']);

function checkExpressions(state: Fields<State['Type']>, path: Path): void {
  const { Type, ...fields } = state;
  const own = Object.entries(fields).filter(([name]) => !NOT_EVALUATED.has(name));
  for (const { field, expression } of own.flatMap(([name, value]) => expressionsIn(value, name))) {
    try {
      compile(expression);
    } catch (failure) {
      const why = `the JSONata expression '${expression}' cannot be parsed: ${messageOf(failure)}`;
      throw new DefinitionError('invalid', field, path, why);
    }
  }
  if (Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined))
    throw new DefinitionError('invalid', 'Wait', path, 'needs either Seconds or Timestamp');
}

function checkTargets({ startAt, states }: Workflow, path: Path): void {
  if (!states.has(startAt))
    throw new DefinitionError('invalid', 'StartAt', path, `there is no state '${startAt}'`);
  for (const [name, state] of states) {
    const invalid = (why: string) => new DefinitionError('invalid', 'Next', [...path, name], why);
    if ('Next' in state === 'End' in state && !['Choice', 'Succeed', 'Fail'].includes(state.Type))
      throw invalid('a state needs either Next or End');
    const unknown = targetsOf(state).find((target) => target !== undefined && !states.has(target));
    if (unknown !== undefined) throw invalid(`there is no state '${unknown}'`);
  }
}

function targetsOf(state: State): (string | undefined)[] {
  const rules = [
    ...('Choices' in state ? state.Choices : []),
    ...('Catch' in state ? (state.Catch ?? []) : []),
    ...('Next' in state ? [state] : []),
  ];
  return ['Default' in state ? state.Default : undefined, ...rules.map(({ Next }) => Next)];
}

function parse<Schema extends z.core.$ZodType>(schema: Schema, value: unknown, path: Path): z.output<Schema> {
  const result = z.core.safeParse(schema, value);
  if (result.success) return result.data;
  throw problem(result.error.issues[0]!, value, path);
}

const inner = (at: unknown, key: PropertyKey): unknown =>
  at instanceof Object ? Reflect.get(at, key) : undefined;

function problem(issue: z.core.$ZodIssue, value: unknown, path: Path): DefinitionError {
  const field = issue.path.join('.');
  const got = JSON.stringify(issue.path.reduce<unknown>(inner, value));
  const unsupported = (what: string, why: string) => new DefinitionError('unsupported', what, path, why);
  if (issue.code === 'unrecognized_keys') {
    const unknown = [...issue.path, issue.keys[0]].join('.');
    return unsupported(unknown, 'this field is not supported by the embedded engine');
  }
  if (issue.code === 'invalid_value')
    return unsupported(field, `got ${got}, supported: ${issue.values.map(String).join(', ')}`);
  if (issue.code === 'invalid_union' && field === 'Type')
    return unsupported(`Type ${got}`, 'there is no such state type');
  const want = issue.code === 'invalid_type' ? issue.expected : 'what the States Language has there';
  return new DefinitionError('invalid', field || 'definition', path, `got ${got}, want ${want}`);
}
