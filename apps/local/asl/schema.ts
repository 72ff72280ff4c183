import * as z from 'zod/mini';

// The fields of each state as the Amazon States Language defines them for JSONata (states-language.net, "Table of State
// Types and Fields"). Anything else in a definition is refused by its name, so nothing is silently ignored.

const template = z.optional(z.unknown());
const assignments = z.optional(z.record(z.string(), z.unknown()));
const numberOrExpression = z.optional(z.union([z.number(), z.string()]));
const text = z.optional(z.string());

const everyState = { Comment: text, QueryLanguage: z.optional(z.literal('JSONata')) };
const flow = { Next: text, End: z.optional(z.boolean()) };
const results = { Output: template, Assign: assignments };

const retrier = z.strictObject({
  Comment: text,
  ErrorEquals: z.array(z.string()).check(z.minLength(1)),
  IntervalSeconds: z.optional(z.int().check(z.gte(1))),
  MaxAttempts: z.optional(z.int().check(z.gte(0))),
  BackoffRate: z.optional(z.number().check(z.gte(1))),
  MaxDelaySeconds: z.optional(z.int().check(z.gte(1))),
  JitterStrategy: z.optional(z.enum(['FULL', 'NONE'])),
});

const catcher = z.strictObject({
  Comment: text,
  ErrorEquals: z.array(z.string()).check(z.minLength(1)),
  Next: z.string(),
  ...results,
});

const recovery = { Retry: z.optional(z.array(retrier)), Catch: z.optional(z.array(catcher)) };

const choiceRule = z.strictObject({
  Comment: text,
  Condition: z.union([z.string(), z.boolean()]),
  Next: z.string(),
  ...results,
});

const itemReader = z.strictObject({
  Resource: z.literal('arn:aws:states:::s3:getObject'),
  Arguments: z.strictObject({ Bucket: z.string(), Key: z.string() }),
  ReaderConfig: z.strictObject({ InputType: z.literal('JSON'), MaxItems: numberOrExpression }),
});

/** One state as it stands in a definition; the states inside Map and Parallel are read on their own. */
export const stateSchema = z.discriminatedUnion('Type', [
  z.strictObject({ Type: z.literal('Pass'), ...everyState, ...flow, ...results }),
  z.strictObject({
    Type: z.literal('Task'),
    Resource: z.string(),
    Arguments: template,
    TimeoutSeconds: numberOrExpression,
    HeartbeatSeconds: numberOrExpression,
    ...everyState,
    ...flow,
    ...results,
    ...recovery,
  }),
  z.strictObject({
    Type: z.literal('Choice'),
    Choices: z.array(choiceRule).check(z.minLength(1)),
    Default: text,
    ...everyState,
    ...results,
  }),
  z.strictObject({
    Type: z.literal('Wait'),
    Seconds: numberOrExpression,
    Timestamp: text,
    ...everyState,
    ...flow,
    ...results,
  }),
  z.strictObject({ Type: z.literal('Succeed'), Output: template, ...everyState }),
  z.strictObject({ Type: z.literal('Fail'), Error: text, Cause: text, ...everyState }),
  z.strictObject({
    Type: z.literal('Parallel'),
    Branches: z.array(z.unknown()).check(z.minLength(1)),
    Arguments: template,
    ...everyState,
    ...flow,
    ...results,
    ...recovery,
  }),
  z.strictObject({
    Type: z.literal('Map'),
    Items: z.optional(z.union([z.string(), z.array(z.unknown())])),
    ItemReader: z.optional(itemReader),
    ItemSelector: template,
    ItemProcessor: z.looseObject({
      ProcessorConfig: z.optional(
        z.strictObject({
          Mode: z.optional(z.enum(['INLINE', 'DISTRIBUTED'])),
          ExecutionType: z.optional(z.enum(['STANDARD', 'EXPRESS'])),
        }),
      ),
    }),
    MaxConcurrency: numberOrExpression,
    ToleratedFailureCount: numberOrExpression,
    ToleratedFailurePercentage: numberOrExpression,
    Label: text,
    ...everyState,
    ...flow,
    ...results,
    ...recovery,
  }),
]);

/** The frame of a machine, a branch or an item processor. */
export const workflowSchema = z.strictObject({
  Comment: text,
  Version: text,
  QueryLanguage: z.optional(z.enum(['JSONata', 'JSONPath'])),
  ProcessorConfig: z.optional(z.unknown()),
  TimeoutSeconds: z.optional(z.int().check(z.gte(1))),
  StartAt: z.string(),
  States: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** A retrier of a Retry field. */
export type Retrier = z.infer<typeof retrier>;
/** A catcher of a Catch field. */
export type Catcher = z.infer<typeof catcher>;

type ParsedState = z.infer<typeof stateSchema>;
/** The fields of one state type as written. */
export type Fields<Type extends ParsedState['Type']> = Extract<ParsedState, { Type: Type }>;
