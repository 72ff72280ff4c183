import * as z from 'zod/mini';

const resource = z.looseObject({
  Type: z.string(),
  Properties: z._default(z.record(z.string(), z.unknown()), {}),
});
/** How a template is read. */
export const templateSchema = z.object({ Resources: z.record(z.string(), resource) });
/** A template as CloudFormation reads it. */
export type Template = z.infer<typeof templateSchema>;
export type Resource = z.infer<typeof resource>;

const statement = z.object({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.optional(z.record(z.string(), z.unknown())),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.optional(z.unknown()),
  Condition: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
});
const policy = z.object({ Statement: z.array(statement) });
/** A statement of a policy document. */
export type Statement = z.infer<typeof statement>;

const variables = z.record(z.string(), z.unknown());
const way = { Next: z.string(), Assign: z.optional(variables) };
const state = z.looseObject({
  Type: z.string(),
  Comment: z.optional(z.string()),
  Next: z.optional(z.string()),
  Default: z.optional(z.string()),
  End: z.optional(z.boolean()),
  Arguments: z.optional(
    z.looseObject({ FunctionName: z.optional(z.string()), Payload: z.optional(variables) }),
  ),
  Assign: z.optional(variables),
  Output: z.optional(z.unknown()),
  Retry: z.optional(z.array(variables)),
  Catch: z.optional(z.array(z.object({ ErrorEquals: z.array(z.string()), ...way }))),
  Choices: z.optional(z.array(z.object({ Condition: z.string(), ...way }))),
});
const machine = z.looseObject({
  StartAt: z.string(),
  QueryLanguage: z.optional(z.string()),
  Comment: z.optional(z.string()),
  States: z.record(z.string(), state),
});
/** A state of a synthesised machine. */
export type StateJson = z.infer<typeof state>;
export type MachineJson = z.infer<typeof machine>;

/** All resources of a type. */
export function resourcesOf({ Resources }: Template, type: string): readonly Resource[] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}

/** Environment variables of a Lambda function. */
export function environmentOf({ Properties }: Resource): Readonly<Record<string, unknown>> {
  return z.object({ Variables: variables }).parse(Properties['Environment']).Variables;
}

/** Statements of a policy document. */
export function statementsIn(document: unknown): readonly Statement[] {
  return policy.parse(document).Statement;
}

/** A machine's definition; references stand as their logical ids. */
export function machineOf(from: Template, name: string): MachineJson {
  const found = resourcesOf(from, 'AWS::StepFunctions::StateMachine').find(
    ({ Properties }) => Properties['StateMachineName'] === name,
  );
  return workflowOf(JSON.parse(asText(found?.Properties['DefinitionString'])));
}

/** A machine, or what a Map runs for each item. */
export function workflowOf(definition: unknown): MachineJson {
  return machine.parse(definition);
}

const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '000000000000',
};

const intrinsic = z.union([
  z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
  z.object({ 'Fn::GetAtt': z.array(z.string()) }),
  z.object({ 'Fn::ImportValue': z.unknown() }),
  z.object({ 'Fn::Sub': z.string() }),
  z.object({ Ref: z.string() }),
]);

/** A value with intrinsics as text; references become `<LogicalId>` or `<LogicalId.Attribute>`. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const found = intrinsic.parse(value);
  if ('Fn::Join' in found) {
    const [separator, parts] = found['Fn::Join'];
    return parts.map((part) => asText(part)).join(separator);
  }
  if ('Fn::GetAtt' in found) return `<${found['Fn::GetAtt'].join('.')}>`;
  if ('Fn::ImportValue' in found) return `<${asText(found['Fn::ImportValue'])}>`;
  if ('Fn::Sub' in found) return found['Fn::Sub'];
  return pseudo[found.Ref] ?? `<${found.Ref}>`;
}
