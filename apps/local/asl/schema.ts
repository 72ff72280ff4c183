import * as z from 'zod/mini';

// The fields of each state as the Amazon States Language defines them for JSONata (states-language.net, "Table of State
// Types and Fields"). Anything else in a definition is refused by its name, so nothing is silently ignored.

const template = z.optional(z.unknown());
const text = z.optional(z.string());
const numberOrExpression = z.optional(z.union([z.number(), z.string()]));
const count = (least: number) => z.optional(z.int().check(z.gte(least)));
const some = <T extends z.core.SomeType>(item: T) => z.array(item).check(z.minLength(1));

const results = { Output: template, Assign: z.optional(z.record(z.string(), z.unknown())) };
const flow = { ...results, Next: text, End: z.optional(z.boolean()) };

const retrier = z.strictObject({
  Comment: text,
  ErrorEquals: some(z.string()),
  IntervalSeconds: count(1),
  MaxAttempts: count(0),
  BackoffRate: z.optional(z.number().check(z.gte(1))),
  MaxDelaySeconds: count(1),
  JitterStrategy: z.optional(z.enum(['FULL', 'NONE'])),
});
const rule = { Comment: text, Next: z.string(), ...results };
const catcher = z.strictObject({ ErrorEquals: some(z.string()), ...rule });
const choiceRule = z.strictObject({ Condition: z.union([z.string(), z.boolean()]), ...rule });
const recovery = { ...flow, Retry: z.optional(z.array(retrier)), Catch: z.optional(z.array(catcher)) };
const work = { ...recovery, Arguments: template };

const itemReader = z.strictObject({
  Resource: z.literal('arn:aws:states:::s3:getObject'),
  Arguments: z.strictObject({ Bucket: z.string(), Key: z.string() }),
  ReaderConfig: z.strictObject({ InputType: z.literal('JSON') }),
});
const processorConfig = z.strictObject({
  Mode: z.optional(z.enum(['INLINE', 'DISTRIBUTED'])),
  ExecutionType: z.optional(z.enum(['STANDARD', 'EXPRESS'])),
});

function state<Type extends string, Shape extends z.core.$ZodShape>(type: Type, fields: Shape) {
  const language = z.optional(z.literal('JSONata'));
  return z.strictObject({ Type: z.literal(type), Comment: text, QueryLanguage: language, ...fields });
}

/** One state as it stands in a definition; the states inside Map and Parallel are read on their own. */
export const stateSchema = z.discriminatedUnion('Type', [
  state('Pass', flow),
  state('Task', {
    ...work,
    Resource: z.string(),
    TimeoutSeconds: numberOrExpression,
    HeartbeatSeconds: numberOrExpression,
  }),
  state('Choice', { ...results, Choices: some(choiceRule), Default: text }),
  state('Wait', { ...flow, Seconds: numberOrExpression, Timestamp: text }),
  state('Succeed', { Output: template }),
  state('Fail', { Error: text, Cause: text }),
  state('Parallel', { ...work, Branches: some(z.unknown()) }),
  state('Map', {
    ...recovery,
    Items: z.optional(z.union([z.string(), z.array(z.unknown())])),
    ItemReader: z.optional(itemReader),
    ItemSelector: template,
    ItemProcessor: z.looseObject({ ProcessorConfig: z.optional(processorConfig) }),
    MaxConcurrency: numberOrExpression,
    ToleratedFailureCount: numberOrExpression,
    ToleratedFailurePercentage: numberOrExpression,
    Label: text,
  }),
]);

/** The frame of a machine, a branch or an item processor. */
export const workflowSchema = z.strictObject({
  Comment: text,
  Version: text,
  QueryLanguage: z.optional(z.enum(['JSONata', 'JSONPath'])),
  ProcessorConfig: z.optional(z.unknown()),
  TimeoutSeconds: count(1),
  StartAt: z.string(),
  States: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** A retrier of a Retry field. */
export type Retrier = z.infer<typeof retrier>;

type ParsedState = z.infer<typeof stateSchema>;
/** The fields of one state type as written. */
export type Fields<Type extends ParsedState['Type']> = Extract<ParsedState, { Type: Type }>;
