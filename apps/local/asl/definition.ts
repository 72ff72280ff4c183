import * as z from 'zod/mini';
import { DefinitionError } from './errors';
import { isJson, parseJson, type Json } from './json';
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
 * @throws DefinitionError by name for every feature this interpreter lacks, JSONPath first; targets and expressions are
 *   checked where the templates are made
 */
export function parseDefinition(definition: unknown, supported: Reading['supported']): Workflow {
  const value = typeof definition === 'string' ? parseJson(definition, malformed) : definition;
  const language = isJson(value) ? (value['QueryLanguage'] ?? 'JSONPath') : undefined;
  return readWorkflow(value, [], { language, supported });
}

const malformed = (why: string) => new DefinitionError('JSON', [], why);

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
  return { startAt: raw.StartAt, states, timeoutSeconds: raw.TimeoutSeconds };
}

function readState(raw: Json, path: Path, around: Reading): State {
  if ((raw['QueryLanguage'] ?? around.language) !== 'JSONata') {
    const why = 'only JSONata is supported; set "QueryLanguage": "JSONata"';
    throw new DefinitionError('JSONPath', path, why);
  }
  const state = parse(stateSchema, raw, path);
  if (state.Type === 'Task' && !around.supported(state.Resource)) {
    const why = 'the embedded engine has no such task integration';
    throw new DefinitionError(`Resource ${state.Resource}`, path, why);
  }
  if (state.Type === 'Parallel')
    return { ...state, branches: state.Branches.map((branch) => readWorkflow(branch, path, around)) };
  if (state.Type === 'Map') return { ...state, processor: readWorkflow(state.ItemProcessor, path, around) };
  return state;
}

function parse<Schema extends z.core.$ZodType>(schema: Schema, value: unknown, path: Path): z.output<Schema> {
  const result = z.core.safeParse(schema, value, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const feature = [...issue.path, ...unknown].join('.') || 'definition';
  const given = unknown.length > 0 ? 'this field' : JSON.stringify(issue.input);
  throw new DefinitionError(feature, path, `the embedded engine does not take ${given}`);
}
