import { Aws, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  DefinitionBody,
  LogLevel,
  QueryLanguage,
  StateMachine,
  type IChainable,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface MachineProps {
  readonly name: string;
  /** Purpose and a sample input, as a responder reads them in the console. */
  readonly description: string;
  /** Makes the states in a scope of their own, since machines share state names. */
  readonly states: (scope: Construct) => IChainable;
  readonly timeout: Duration;
  /** Functions the states invoke. */
  readonly invokes: readonly string[];
  readonly rights: readonly PolicyStatement[];
}

/** A Standard JSONata machine with its own role, traces, and a log of every event, never of the data in it. */
export class Machine extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: MachineProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      // Step Functions truncates the resource policy of log groups outside this prefix (developer guide, "Logging").
      logGroupName: `/aws/vendedlogs/states/${props.name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: props.name,
      comment: props.description,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(props.states(new Construct(this, 'States'))),
      role: this.roleOf(props),
      timeout: props.timeout,
      tracingEnabled: true,
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
    });
  }

  private roleOf({ name, invokes, rights }: MachineProps): Role {
    const conditions = {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': `${machineArn(this, name)}*` },
    };
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', { conditions }),
    });
    role.addToPolicy(
      new PolicyStatement({ sid: 'Steps', actions: ['lambda:InvokeFunction'], resources: [...invokes] }),
    );
    for (const statement of rights) role.addToPolicy(statement);
    return role;
  }
}

/** ARN of a machine by its name, for those that are made before it. */
export function machineArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 'states', resource: `stateMachine:${name}` });
}
