import { Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Descriptor } from '../../core/connector';
import { machineLimitSeconds } from '../../lambdas/steps/machine-limits';
import { Alarms } from '../constructs/alarms';
import { Api } from '../constructs/api';
import { ConsoleStarts } from '../constructs/console-starts';
import { CompiledPolicies } from '../constructs/compiled-policies';
import { Machine, machineArn } from '../constructs/machine';
import { NoticeTopic } from '../constructs/notices';
import { PermissionBoundary } from '../constructs/permission-boundary';
import { executionsOf } from '../constructs/rights';
import { Schedules } from '../constructs/schedules';
import { bundleStepFunctions, StepFunctions } from '../constructs/step-functions';
import type { BulkSettings, Networks } from '../context';
import type { LoadedPolicies } from '../policies';
import { bulkDescription, bulkStates } from '../workflow/bulk';
import { revocationDescription, revocationStates } from '../workflow/revocation';
import { rotationDescription, rotationStates } from '../workflow/rotation';
import { settleDescription, settleStates } from '../workflow/settle';
import { sweepDescription, sweepStates } from '../workflow/sweep';
import type { Stores } from './evidence-stack';

/** Beginning of the name of every function, machine, schedule and alarm. */
const PREFIX = 'gapless';

export interface WorkflowStackProps {
  readonly stores: Stores;
  readonly policies: LoadedPolicies;
  readonly descriptors: readonly Descriptor[];
  readonly networks: Networks;
  readonly bulk: BulkSettings;
  readonly functionsDir: string;
  readonly buildDir: string;
  readonly alarmTopicArn: string | undefined;
}

/** The working half: functions, machines, schedules and alarms. Everything in it can be deleted and deployed again. */
export class WorkflowStack extends Stack {
  private readonly functions: StepFunctions;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkflowStackProps,
  ) {
    super(scope, id, {
      description: 'Gapless: the machines that rotate credentials and prove the old ones refused',
    });
    const { stores } = props;
    PermissionsBoundary.of(this).apply(new PermissionBoundary(this, 'Boundary', stores.evidence.tableArn));
    this.functions = this.stepFunctions();
    const rotation = this.machine('rotation', rotationDescription, (at) =>
      rotationStates(at, this.functions.arns),
    );
    const settle = this.machine('settle', settleDescription, (at) => settleStates(at, this.functions.arns));
    const revocation = this.revocation();
    const bulk = this.bulk();
    const sweep = this.sweep();
    const settleFunction = this.functions.core.settle.lambda;
    const seal = this.functions.core.seal.lambda;
    new Schedules(this, 'Schedules', {
      prefix: PREFIX,
      sweep: sweep.machine,
      settle: settleFunction,
      seal,
      every: Duration.minutes(1),
    });
    new Alarms(this, 'Alarms', {
      prefix: PREFIX,
      rotation: rotation.machine,
      revocation: revocation.machine,
      sweep: sweep.machine,
      settle: settleFunction,
      settleMachine: settle.machine,
      bulk: bulk.machine,
      seal,
      topicArn: props.alarmTopicArn,
    });
    const { topic } = new NoticeTopic(this, 'Notices', PREFIX);
    new CfnOutput(this, 'NoticeTopic', { value: topic.topicArn });
    new Api(this, 'Api', {
      prefix: PREFIX,
      requests: this.functions.core.requests.lambda,
      decisions: this.functions.core.decisions.lambda,
      query: this.functions.core.query.lambda,
    });
    new ConsoleStarts(this, 'ConsoleStarts', {
      prefix: PREFIX,
      confirm: this.functions.core.confirm.lambda,
      machines: [rotation.machine, revocation.machine, bulk.machine],
    });
    const machines = {
      RotationMachine: rotation,
      RevocationMachine: revocation,
      BulkRevocationMachine: bulk,
      SweepMachine: sweep,
      SettleMachine: settle,
    };
    new CfnOutput(this, 'LedgerId', { value: this.ledgerId() });
    for (const [name, { machine }] of Object.entries(machines))
      new CfnOutput(this, name, { value: machine.stateMachineArn });
  }

  /** One ledger per deployment: a run copied from another account or Region does not verify as this one's. */
  private ledgerId(): string {
    return `${PREFIX}/${Aws.PARTITION}/${Aws.ACCOUNT_ID}/${Aws.REGION}/${this.stackName}`;
  }

  private stepFunctions(): StepFunctions {
    const { stores, policies, descriptors, networks, bulk, functionsDir, buildDir } = this.props;
    const bundles = bundleStepFunctions(functionsDir, policies.routes, buildDir);
    return new StepFunctions(this, 'Functions', {
      prefix: PREFIX,
      ledgerId: this.ledgerId(),
      stores,
      policies: new CompiledPolicies(this, 'Policies', policies, buildDir),
      routes: policies.routes,
      descriptors,
      networks,
      bulk,
      bundles,
      rotationMachineArn: machineArn(this, `${PREFIX}-rotation`),
      settleMachineArn: machineArn(this, `${PREFIX}-settle`),
      revocationMachineArn: machineArn(this, `${PREFIX}-revocation`),
      bulkMachineArn: machineArn(this, `${PREFIX}-bulk`),
    });
  }

  private revocation(): Machine {
    const rotationMachineArn = machineArn(this, `${PREFIX}-rotation`);
    const { arns } = this.functions;
    const states = (at: Construct): IChainable => revocationStates(at, { arns, rotationMachineArn });
    return this.machine('revocation', revocationDescription, states, [
      startOf('StartReissue', rotationMachineArn),
    ]);
  }

  private bulk(): Machine {
    const revocationMachineArn = machineArn(this, `${PREFIX}-revocation`);
    const lists = Bucket.fromBucketName(this, 'BulkLists', this.props.stores.bucket.bucketName);
    const { arns } = this.functions;
    const states = (at: Construct): IChainable => bulkStates(at, { arns, lists, revocationMachineArn });
    return this.machine('bulk', bulkDescription, states, startAndWait(revocationMachineArn));
  }

  private sweep(): Machine {
    const rotationMachineArn = machineArn(this, `${PREFIX}-rotation`);
    const lists = Bucket.fromBucketName(this, 'Lists', this.props.stores.bucket.bucketName);
    const { arns } = this.functions;
    const states = (at: Construct): IChainable => sweepStates(at, { arns, lists, rotationMachineArn });
    const rights = [startOf('StartRotations', rotationMachineArn)];
    return this.machine('sweep', sweepDescription, states, rights);
  }

  private machine(
    name: 'rotation' | 'revocation' | 'bulk' | 'settle' | 'sweep',
    description: string,
    states: (at: Construct) => IChainable,
    rights: readonly PolicyStatement[] = [],
  ): Machine {
    const invokes = this.invokedBy(name);
    return new Machine(this, name, {
      name: `${PREFIX}-${name}`,
      description,
      states,
      timeout: Duration.seconds(machineLimitSeconds[name]),
      invokes,
      rights,
    });
  }

  private invokedBy(name: string): readonly string[] {
    const { sweep, bulk, approval, close } = this.functions.arns.core;
    if (name === 'sweep') return [sweep];
    return name === 'bulk' ? [bulk, approval, close] : this.stepArns();
  }

  // None of these machines calls the functions that start machines.
  private stepArns(): readonly string[] {
    const { core, mutator, prober, consumers } = this.functions.arns;
    const perRoute = [mutator, prober, consumers].flatMap((arns) => Object.values(arns));
    return [core.open, core.approval, core.promote, core.close, ...perRoute];
  }
}

function startOf(sid: string, machine: string): PolicyStatement {
  return new PolicyStatement({ sid, actions: ['states:StartExecution'], resources: [machine] });
}

/** What `startExecution.sync:2` needs (Step Functions developer guide, "IAM policies for calling Step Functions"). */
function startAndWait(machine: string): readonly PolicyStatement[] {
  const rule = `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  return [
    startOf('StartRevocations', machine),
    new PolicyStatement({
      sid: 'WaitForRevocations',
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [executionsOf(machine)],
    }),
    new PolicyStatement({
      sid: 'HearOfEnds',
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [rule],
    }),
  ];
}
