import * as z from 'zod/mini';
import { FunctionProperties } from '../lambda/lambda';
import { sessionOf } from '../service';
import { nameOf } from '../services/arn';
import { checkPattern } from '../services/event-pattern';
import { WHOLE_EVENT } from '../services/events';
import { provider, type Provider } from './resource';

const optional = z.optional(z.string());
const texts = z.record(z.string(), z.coerce.string());
const functionLacks = ['Layers', 'ImageConfig', 'FileSystemConfigs', 'SnapStart', 'DeadLetterConfig'];

const Url = z.object({ TargetFunctionArn: z.string(), AuthType: z.literal('AWS_IAM') });
const Permission = z.object({ FunctionName: z.string(), Action: z.string(), Principal: z.string() });

const Machine = z.object({
  StateMachineName: optional,
  StateMachineType: z.optional(z.literal('STANDARD')),
  RoleArn: z.string(),
  DefinitionString: z.string(),
  DefinitionSubstitutions: z.prefault(texts, {}),
});

const machineLacks = ['Definition', 'DefinitionS3Location'];

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

const ruleTarget = z.object({
  Arn: z.string(),
  /** A rule without a role calls as the service itself, let in by the function's own permission. */
  RoleArn: z.prefault(z.string(), 'events.amazonaws.com'),
  Input: z.prefault(z.string(), WHOLE_EVENT),
  InputTransformer: z.optional(z.never()),
  InputPath: z.optional(z.string().check(z.regex(/^\$(\.[A-Za-z]+)*$/))),
});
const Rule = z.object({
  Name: optional,
  EventBusName: z.optional(z.literal('default')),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.prefault(z.string(), 'ENABLED'),
  Targets: z.prefault(z.array(ruleTarget), []),
});

/** Resource types that run, and what makes them run. */
export const WORK: Readonly<Record<string, Provider>> = {
  'AWS::Lambda::Function': provider(FunctionProperties, functionLacks, (given, resource) => {
    const { FunctionName: name = resource.name(), Role, Code } = given;
    const arn = resource.arn('lambda', `function:${name}`);
    resource.mustTrust(Role, 'lambda.amazonaws.com', arn);
    const folder = resource.target.s3.assetFolder(Code.S3Bucket, Code.S3Key);
    resource.target.lambda.ensureFunction({ ...given, name, arn, folder });
    return { ref: name, attributes: { Arn: arn } };
  }),
  'AWS::Lambda::Permission': provider(Permission, [], ({ FunctionName, Action, Principal }, resource) => {
    const functionArn = resource.arn('lambda', `function:${nameOf(FunctionName)}`);
    const Statement = { Effect: 'Allow', Principal: { Service: Principal }, Action };
    resource.addPolicy(functionArn, { Statement });
    return { ref: resource.name() };
  }),
  'AWS::Lambda::Url': provider(Url, [], ({ TargetFunctionArn }, { target }) => {
    const FunctionUrl = target.lambda.urlOf(nameOf(TargetFunctionArn));
    return { ref: TargetFunctionArn, attributes: { FunctionArn: TargetFunctionArn, FunctionUrl } };
  }),
  'AWS::StepFunctions::StateMachine': provider(Machine, machineLacks, (given, resource) => {
    const { StateMachineName: name = resource.name(80), RoleArn: roleArn } = given;
    const stateMachineArn = resource.arn('states', `stateMachine:${name}`);
    resource.mustTrust(roleArn, 'states.amazonaws.com', stateMachineArn);
    const definition = given.DefinitionString.replace(
      /\$\{([A-Za-z0-9_]+)\}/g,
      (all, substitution: string) => given.DefinitionSubstitutions[substitution] ?? all,
    );
    resource.target.states.deploy({ stateMachineArn, name, roleArn, definition });
    return { ref: stateMachineArn, attributes: { Arn: stateMachineArn, Name: name } };
  }),
  'AWS::Scheduler::Schedule': provider(Schedule, ['StartDate', 'EndDate', 'GroupName'], (given, resource) => {
    const { Name: name = resource.name(), ScheduleExpression: expression } = given;
    const { Arn: targetArn, RoleArn, Input: input, RetryPolicy } = given.Target;
    const Arn = resource.arn('scheduler', `schedule/default/${name}`);
    const groupArn = resource.arn('scheduler', 'schedule-group/default');
    resource.mustTrust(RoleArn, 'scheduler.amazonaws.com', groupArn);
    const maxRetries = RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRIES;
    const target = { arn: targetArn, input, caller: sessionOf(RoleArn, name) };
    const spec = { arn: Arn, name, expression, target, maxRetries };
    if (given.State === 'ENABLED') resource.target.scheduler.add(spec);
    return { ref: name, attributes: { Arn } };
  }),
  'AWS::Events::Rule': provider(Rule, ['ScheduleExpression'], (given, resource) => {
    const { Name: name = resource.name(), EventPattern: pattern } = given;
    checkPattern(pattern, resource.path);
    const targets = given.Targets.map(({ Arn, RoleArn, Input, InputPath }) => {
      return { arn: Arn, caller: sessionOf(RoleArn, name), input: Input, inputPath: InputPath };
    });
    if (given.State === 'ENABLED') resource.target.events.setRule({ name, pattern, targets });
    return { ref: name, attributes: { Arn: resource.arn('events', `rule/${name}`) } };
  }),
};
