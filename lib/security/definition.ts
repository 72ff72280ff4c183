import * as z from 'zod/mini';
import { ofType, type Resource, type SynthesisedApp } from './template';

const anything = z.record(z.string(), z.unknown());
const way = { Next: z.string(), Assign: z.optional(anything), Output: z.optional(z.unknown()) };
const nested = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), z.unknown()),
  ProcessorConfig: z.optional(
    z.looseObject({ Mode: z.optional(z.string()), ExecutionType: z.optional(z.string()) }),
  ),
});
const stateSchema = z.looseObject({
  Type: z.string(),
  Next: z.optional(z.string()),
  Default: z.optional(z.string()),
  Resource: z.optional(z.string()),
  Assign: z.optional(anything),
  Arguments: z.optional(z.unknown()),
  Output: z.optional(z.unknown()),
  Retry: z.optional(z.array(z.looseObject({ MaxAttempts: z.optional(z.number()) }))),
  Catch: z.optional(z.array(z.looseObject(way))),
  Choices: z.optional(z.array(z.looseObject({ Condition: z.optional(z.string()), ...way }))),
  ItemProcessor: z.optional(nested),
  Branches: z.optional(z.array(nested)),
});
const machineSchema = z.looseObject({ ...nested.shape });

/** A state of a definition. */
export type State = z.infer<typeof stateSchema>;

/** A level of a definition: the machine itself, or what a Map or a Parallel runs. */
export interface Level {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** A state machine of an app and its definition. */
export interface Machine {
  readonly resource: Resource;
  readonly name: string;
  readonly top: Level;
}

/** Every state machine of an app. @throws Error when a definition is none */
export function machinesOf(app: SynthesisedApp): readonly Machine[] {
  return ofType(app, 'AWS::StepFunctions::StateMachine').map((resource) => {
    const definition: unknown = JSON.parse(z.string().parse(resource.properties['DefinitionString']));
    const name = z.optional(z.string()).parse(resource.properties['StateMachineName']) ?? resource.where;
    return { resource, name, top: levelOf(definition) };
  });
}

/** A level from its JSON. */
export function levelOf(definition: unknown): Level {
  const { StartAt, States } = machineSchema.parse(definition);
  return {
    startAt: StartAt,
    states: new Map(Object.entries(States).map(([name, state]) => [name, stateSchema.parse(state)])),
  };
}

/** What a state runs inside itself. */
export function levelsIn({ ItemProcessor, Branches }: State): readonly Level[] {
  return [...(ItemProcessor === undefined ? [] : [ItemProcessor]), ...(Branches ?? [])].map((each) =>
    levelOf(each),
  );
}

/** All states of a level and of the levels inside it, by name. */
export function allStates({ states }: Level): readonly (readonly [string, State])[] {
  return [...states].flatMap(([name, state]) => [
    [name, state] as const,
    ...levelsIn(state).flatMap((level) => allStates(level)),
  ]);
}
