import { Aws, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { PermissionsBoundary, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IChainable } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Descriptor } from '../../core/connector';
import { Alarms } from '../constructs/alarms';
import { Api } from '../constructs/api';
import { CompiledPolicies } from '../constructs/compiled-policies';
import { Machine, machineArn } from '../constructs/machine';
import { PermissionBoundary } from '../constructs/permission-boundary';
import { Schedules } from '../constructs/schedules';
import { bundleStepFunctions, StepFunctions } from '../constructs/step-functions';
import type { Networks } from '../context';
import type { LoadedPolicies } from '../policies';
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
  readonly functionsDir: string;
  readonly buildDir: string;
  readonly alarmTopicArn: string | undefined;
}

// Longest overlap a policy may ask for is seven days; the steps around it take minutes.
const ROTATION_AT_MOST = Duration.days(8);
// An approval and the rounds of containing take minutes.
const REVOCATION_AT_MOST = Duration.hours(2);
const SETTLE_AT_MOST = Duration.hours(2);
const SWEEP_AT_MOST = Duration.hours(1);

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
    const rotation = this.machine('rotation', rotationDescription, ROTATION_AT_MOST, (at) =>
      rotationStates(at, this.functions.arns),
    );
    const settle = this.machine('settle', settleDescription, SETTLE_AT_MOST, (at) =>
      settleStates(at, this.functions.arns),
    );
    const revocation = this.revocation();
    const sweep = this.sweep();
    const settleFunction = this.functions.core.settle.lambda;
    new Schedules(this, 'Schedules', {
      prefix: PREFIX,
      sweep: sweep.machine,
      settle: settleFunction,
      every: Duration.minutes(1),
    });
    new Alarms(this, 'Alarms', {
      prefix: PREFIX,
      rotation: rotation.machine,
      revocation: revocation.machine,
      sweep: sweep.machine,
      settle: settleFunction,
      settleMachine: settle.machine,
      topicArn: props.alarmTopicArn,
    });
    new Api(this, 'Api', {
      prefix: PREFIX,
      requests: this.functions.core.requests.lambda,
      decisions: this.functions.core.decisions.lambda,
    });
    const machines = {
      RotationMachine: rotation,
      RevocationMachine: revocation,
      SweepMachine: sweep,
      SettleMachine: settle,
    };
    for (const [name, { machine }] of Object.entries(machines))
      new CfnOutput(this, name, { value: machine.stateMachineArn });
  }

  private stepFunctions(): StepFunctions {
    const { stores, policies, descriptors, networks, functionsDir, buildDir } = this.props;
    const bundles = bundleStepFunctions(functionsDir, policies.routes, buildDir);
    return new StepFunctions(this, 'Functions', {
      prefix: PREFIX,
      // One ledger per deployment: a run copied from another account or Region does not verify as this one's.
      ledgerId: `${PREFIX}/${Aws.PARTITION}/${Aws.ACCOUNT_ID}/${Aws.REGION}/${this.stackName}`,
      stores,
      policies: new CompiledPolicies(this, 'Policies', policies, buildDir),
      routes: policies.routes,
      descriptors,
      networks,
      bundles,
      rotationMachineArn: machineArn(this, `${PREFIX}-rotation`),
      settleMachineArn: machineArn(this, `${PREFIX}-settle`),
      revocationMachineArn: machineArn(this, `${PREFIX}-revocation`),
    });
  }

  private revocation(): Machine {
    const rotationMachineArn = machineArn(this, `${PREFIX}-rotation`);
    const { arns } = this.functions;
    const states = (at: Construct): IChainable => revocationStates(at, { arns, rotationMachineArn });
    return this.machine('revocation', revocationDescription, REVOCATION_AT_MOST, states, [
      startOf('StartReissue', rotationMachineArn),
    ]);
  }

  private sweep(): Machine {
    const rotationMachineArn = machineArn(this, `${PREFIX}-rotation`);
    const lists = Bucket.fromBucketName(this, 'Lists', this.props.stores.bucket.bucketName);
    const { arns } = this.functions;
    const states = (at: Construct): IChainable => sweepStates(at, { arns, lists, rotationMachineArn });
    const rights = [startOf('StartRotations', rotationMachineArn)];
    return this.machine('sweep', sweepDescription, SWEEP_AT_MOST, states, rights);
  }

  private machine(
    name: 'rotation' | 'revocation' | 'settle' | 'sweep',
    description: string,
    timeout: Duration,
    states: (at: Construct) => IChainable,
    rights: readonly PolicyStatement[] = [],
  ): Machine {
    const invokes = name === 'sweep' ? [this.functions.arns.core.sweep] : this.stepArns();
    return new Machine(this, name, {
      name: `${PREFIX}-${name}`,
      description,
      states,
      timeout,
      invokes,
      rights,
    });
  }

  // Neither machine calls the functions that start machines.
  private stepArns(): readonly string[] {
    const { core, mutator, prober, consumers } = this.functions.arns;
    const perRoute = [mutator, prober, consumers].flatMap((arns) => Object.values(arns));
    return [core.open, core.approval, core.promote, core.close, ...perRoute];
  }
}

function startOf(sid: string, machine: string): PolicyStatement {
  return new PolicyStatement({ sid, actions: ['states:StartExecution'], resources: [machine] });
}
