import * as z from 'zod/mini';
import { arn, nameOf } from '../services/arn';
import { checkPattern } from '../services/event-pattern';
import type { Caller } from '../service';
import { looseRecord, properties, refuse } from './properties';
import { physicalName, type Provider, type ResourceId, type Target } from './target';

const Machine = z.object({
  StateMachineName: z.optional(z.string()),
  StateMachineType: z.prefault(z.enum(['STANDARD', 'EXPRESS']), 'STANDARD'),
  RoleArn: z.string(),
  DefinitionString: z.optional(z.string()),
  Definition: z.optional(looseRecord),
  DefinitionSubstitutions: z.prefault(z.record(z.string(), z.coerce.string()), {}),
});

const machine: Provider = async (given, id, target) => {
  refuse(given, ['DefinitionS3Location'], id);
  const wanted = properties(Machine, given, id);
  const name = wanted.StateMachineName ?? physicalName(id, 80);
  const machineArn = arn(target.place, 'states', `stateMachine:${name}`);
  mustTrust(wanted.RoleArn, 'states.amazonaws.com', machineArn, { id, target });
  const written = wanted.DefinitionString ?? JSON.stringify(wanted.Definition ?? {});
  const definition = written.replace(
    /\$\{([A-Za-z0-9_]+)\}/g,
    (all, key: string) => wanted.DefinitionSubstitutions[key] ?? all,
  );
  target.addMachine({
    arn: machineArn,
    name,
    roleArn: wanted.RoleArn,
    definition,
    type: wanted.StateMachineType,
  });
  return { ref: machineArn, attributes: { Arn: machineArn, Name: name } };
};

function mustTrust(roleArn: string, service: string, sourceArn: string, { id, target }: Where): void {
  if (target.iam.trusts(roleArn, service, sourceArn)) return;
  throw new Error(
    `${id.stack}/${id.logicalId}: role ${roleArn} cannot be assumed by ${service} for ${sourceArn}`,
  );
}
interface Where {
  readonly id: ResourceId;
  readonly target: Target;
}

const asRole = (roleArn: string, sessionName: string): Caller => ({
  accessKeyId: 'engine',
  kind: 'role',
  roleArn,
  roleName: nameOf(roleArn),
  sessionName,
});

const Schedule = z.object({
  Name: z.optional(z.string()),
  GroupName: z.prefault(z.string(), 'default'),
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

const schedule: Provider = async (given, id, target) => {
  refuse(given, ['StartDate', 'EndDate'], id);
  const wanted = properties(Schedule, given, id);
  const name = wanted.Name ?? physicalName(id);
  const scheduleArn = arn(target.place, 'scheduler', `schedule/${wanted.GroupName}/${name}`);
  const groupArn = arn(target.place, 'scheduler', `schedule-group/${wanted.GroupName}`);
  mustTrust(wanted.Target.RoleArn, 'scheduler.amazonaws.com', groupArn, { id, target });
  if (wanted.State === 'ENABLED') {
    target.scheduler.add({
      arn: scheduleArn,
      name,
      expression: wanted.ScheduleExpression,
      targetArn: wanted.Target.Arn,
      input: wanted.Target.Input,
      caller: asRole(wanted.Target.RoleArn, name),
      maxRetries: wanted.Target.RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRIES,
    });
  }
  return { ref: name, attributes: { Arn: scheduleArn } };
};

const Named = z.object({ Name: z.optional(z.string()) });

const scheduleGroup: Provider = async (given, id, target) => {
  const name = properties(Named, given, id).Name ?? physicalName(id);
  return { ref: name, attributes: { Arn: arn(target.place, 'scheduler', `schedule-group/${name}`) } };
};

const eventBus: Provider = async (given, id, target) => {
  const name = properties(Named, given, id).Name ?? physicalName(id);
  return { ref: name, attributes: { Arn: arn(target.place, 'events', `event-bus/${name}`), Name: name } };
};

const ruleTarget = z.object({
  Arn: z.string(),
  RoleArn: z.optional(z.string()),
  Input: z.optional(z.string()),
  InputTransformer: z.optional(z.never()),
  InputPath: z.optional(z.never()),
});
const Rule = z.object({
  Name: z.optional(z.string()),
  EventBusName: z.prefault(z.string(), 'default'),
  EventPattern: looseRecord,
  State: z.prefault(z.string(), 'ENABLED'),
  Targets: z.prefault(z.array(ruleTarget), []),
});

const rule: Provider = async (given, id, target) => {
  refuse(given, ['ScheduleExpression'], id);
  const wanted = properties(Rule, given, id);
  const name = wanted.Name ?? physicalName(id);
  const ruleArn = arn(target.place, 'events', `rule/${name}`);
  checkPattern(wanted.EventPattern, `${id.stack}/${id.logicalId}`);
  if (wanted.State === 'ENABLED') {
    const targets = wanted.Targets.map(({ Arn, RoleArn, Input }) => ({
      arn: Arn,
      caller: RoleArn ? asRole(RoleArn, name) : asService('events.amazonaws.com', ruleArn),
      ...(Input === undefined ? {} : { input: Input }),
    }));
    target.events.setRule({ name, bus: nameOf(wanted.EventBusName), pattern: wanted.EventPattern, targets });
  }
  return { ref: name, attributes: { Arn: ruleArn } };
};

/** A rule without a role calls as the service itself, let in by the function's own permission. */
const asService = (service: string, sessionName: string): Caller => ({
  accessKeyId: 'engine',
  kind: 'role',
  roleArn: service,
  roleName: service,
  sessionName,
});

/** Resource types that make things run. */
export const WORKFLOW: Readonly<Record<string, Provider>> = {
  'AWS::StepFunctions::StateMachine': machine,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Scheduler::ScheduleGroup': scheduleGroup,
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::Rule': rule,
};
