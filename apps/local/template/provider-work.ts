import * as z from 'zod/mini';
import { functionUrlOf } from '../lambda/function-url';
import type { Caller } from '../service';
import { nameOf } from '../services/arn';
import { checkPattern } from '../services/event-pattern';
import { provider, type Provider } from './resource';

const optional = z.optional(z.string());
const texts = z.record(z.string(), z.coerce.string());
const Function = z.object({
  FunctionName: optional,
  Code: z.object({ S3Bucket: z.string(), S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string().check(z.startsWith('nodejs')),
  Timeout: z.prefault(z.coerce.number(), 3),
  MemorySize: z.prefault(z.coerce.number(), 128),
  Environment: z.prefault(z.object({ Variables: z.prefault(texts, {}) }), { Variables: {} }),
});
const functionLacks = [
  'Layers',
  'ImageConfig',
  'FileSystemConfigs',
  'SnapStart',
  'DeadLetterConfig',
  'ReservedConcurrentExecutions',
];

const lambdaFunction = provider(Function, functionLacks, (given, resource) => {
  const { FunctionName: name = resource.name(), Role: roleArn, Code } = given;
  const Arn = resource.arn('lambda', `function:${name}`);
  resource.mustTrust(roleArn, 'lambda.amazonaws.com', Arn);
  resource.target.lambda.ensureFunction({
    name,
    arn: Arn,
    roleArn,
    folder: resource.target.codeFolder(Code.S3Bucket, Code.S3Key),
    handler: given.Handler,
    timeoutSeconds: given.Timeout,
    memoryMb: given.MemorySize,
    environment: given.Environment.Variables,
  });
  return { ref: name, attributes: { Arn } };
});

const Permission = z.object({ FunctionName: z.string(), Action: z.string(), Principal: z.string() });

const permission = provider(Permission, [], ({ FunctionName, Action, Principal }, resource) => {
  const functionArn = resource.arn('lambda', `function:${nameOf(FunctionName)}`);
  const statement = { Effect: 'Allow' as const, Principal: { Service: Principal }, Action: [Action] };
  resource.target.iam.addResourcePolicy(functionArn, [statement]);
  return { ref: resource.name() };
});

const Url = z.object({ TargetFunctionArn: z.string(), AuthType: z.literal('AWS_IAM') });

const url = provider(Url, [], ({ TargetFunctionArn }, { target }) => {
  const FunctionUrl = functionUrlOf(target.lambda.endpoint, nameOf(TargetFunctionArn));
  return { ref: TargetFunctionArn, attributes: { FunctionArn: TargetFunctionArn, FunctionUrl } };
});

const Machine = z.object({
  StateMachineName: optional,
  StateMachineType: z.prefault(z.enum(['STANDARD', 'EXPRESS']), 'STANDARD'),
  RoleArn: z.string(),
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.prefault(texts, {}),
});

const machine = provider(Machine, ['Definition', 'DefinitionS3Location'], (given, resource) => {
  const { StateMachineName: name = resource.name(80), RoleArn: roleArn, StateMachineType: type } = given;
  const stateMachineArn = resource.arn('states', `stateMachine:${name}`);
  resource.mustTrust(roleArn, 'states.amazonaws.com', stateMachineArn);
  const definition = given.DefinitionString.replace(
    /\$\{([A-Za-z0-9_]+)\}/g,
    (all, substitution: string) => given.DefinitionSubstitutions[substitution] ?? all,
  );
  resource.target.states.deploy({ stateMachineArn, name, roleArn, definition, type });
  return { ref: stateMachineArn, attributes: { Arn: stateMachineArn, Name: name } };
});

const asRole = (roleArn: string, sessionName: string): Caller => ({
  accessKeyId: 'engine',
  kind: 'role',
  roleArn,
  roleName: nameOf(roleArn),
  sessionName,
});

const Schedule = z.object({
  Name: optional,
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.prefault(z.enum(['UTC', 'Etc/UTC']), 'UTC'),
  State: z.prefault(z.enum(['ENABLED', 'DISABLED']), 'ENABLED'),
  Target: z.object({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.prefault(z.string(), '{}'),
    RetryPolicy: z.optional(z.object({ MaximumRetryAttempts: z.optional(z.coerce.number()) })),
  }),
});
const DEFAULT_RETRIES = 185;

const schedule = provider(Schedule, ['StartDate', 'EndDate', 'GroupName'], (given, resource) => {
  const { Name: name = resource.name(), ScheduleExpression: expression } = given;
  const { Arn: targetArn, RoleArn, Input: input, RetryPolicy } = given.Target;
  const Arn = resource.arn('scheduler', `schedule/default/${name}`);
  const groupArn = resource.arn('scheduler', 'schedule-group/default');
  resource.mustTrust(RoleArn, 'scheduler.amazonaws.com', groupArn);
  const maxRetries = RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRIES;
  const spec = { arn: Arn, name, expression, targetArn, input, maxRetries, caller: asRole(RoleArn, name) };
  if (given.State === 'ENABLED') resource.target.scheduler.add(spec);
  return { ref: name, attributes: { Arn } };
});

const eventBus = provider(z.object({ Name: z.string() }), [], ({ Name }, resource) => {
  return { ref: Name, attributes: { Arn: resource.arn('events', `event-bus/${Name}`), Name } };
});

const ruleTarget = z.object({
  Arn: z.string(),
  RoleArn: optional,
  Input: optional,
  InputTransformer: z.optional(z.never()),
  InputPath: z.optional(z.never()),
});
const Rule = z.object({
  Name: optional,
  EventBusName: z.prefault(z.string(), 'default'),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.prefault(z.string(), 'ENABLED'),
  Targets: z.prefault(z.array(ruleTarget), []),
});
/** A rule without a role calls as the service itself, let in by the function's own permission. */
const EVENTS = 'events.amazonaws.com';

const rule = provider(Rule, ['ScheduleExpression'], (given, resource) => {
  const { Name: name = resource.name(), EventPattern: pattern, EventBusName } = given;
  checkPattern(pattern, resource.path);
  const targets = given.Targets.map(({ Arn, RoleArn, Input }) => {
    return { arn: Arn, caller: asRole(RoleArn ?? EVENTS, name), input: Input };
  });
  if (given.State === 'ENABLED')
    resource.target.events.setRule({ name, bus: nameOf(EventBusName), pattern, targets });
  return { ref: name, attributes: { Arn: resource.arn('events', `rule/${name}`) } };
});

/** Resource types that run, and what makes them run. */
export const WORK: Readonly<Record<string, Provider>> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Url': url,
  'AWS::StepFunctions::StateMachine': machine,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::Rule': rule,
};
