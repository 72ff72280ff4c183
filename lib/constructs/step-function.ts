import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, CfnFunction, Code, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { timeoutSeconds, type FunctionRole, type WitnessRole } from '../../lambdas/steps/contracts';
import type { Bundle } from '../bundles';
import type { Network } from '../context';

export interface StepFunctionProps {
  /** Readable and fixed, at most 64 characters (Lambda API reference, FunctionName). */
  readonly name: string;
  readonly role: FunctionRole | WitnessRole;
  /** Where a policy outside of this stack names the role; else CloudFormation makes a name up. */
  readonly roleName: string | undefined;
  readonly bundle: Bundle;
  readonly environment: Readonly<Record<string, string>>;
  readonly rights: readonly PolicyStatement[];
  readonly network: Network;
}

const MOST_NAME_CHARACTERS = 64;

/** A Lambda function that performs steps: its own bundle, role, log group and, where the network says so, subnets. */
export class StepFunction extends Construct {
  readonly lambda: Function;

  constructor(scope: Construct, id: string, props: StepFunctionProps) {
    super(scope, id);
    if (props.name.length > MOST_NAME_CHARACTERS) {
      const sentence = `got ${props.name.length} characters, want at most ${MOST_NAME_CHARACTERS}. Shorten the name of the network`;
      throw new Error(`The function name ${props.name} is too long: ${sentence}.`);
    }
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${props.name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.lambda = new Function(this, 'Function', {
      functionName: props.name,
      code: Code.fromAsset(props.bundle.dir),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 256,
      tracing: Tracing.ACTIVE,
      timeout: Duration.seconds(timeoutSeconds[props.role]),
      environment: {
        ...props.environment,
        GAPLESS_ROLE: props.role,
        TIMEOUT_SECONDS: String(timeoutSeconds[props.role]),
        BUNDLE_SHA256: props.bundle.sha256,
      },
      role: this.roleWith(props.roleName, [
        ...props.rights,
        ownLog(logGroup),
        ...networkRights(props.network),
      ]),
      logGroup,
    });
    this.place(props.network);
  }

  private roleWith(roleName: string | undefined, statements: readonly PolicyStatement[]): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      ...(roleName !== undefined && { roleName }),
    });
    for (const statement of statements) role.addToPolicy(statement);
    return role;
  }

  // The L2 would look the VPC up in an account; synth knows no account, and the ids are all that Lambda needs.
  private place({ subnetIds, securityGroupIds }: Network): void {
    if (subnetIds === undefined) return;
    const resource = this.lambda.node.defaultChild;
    if (!(resource instanceof CfnFunction))
      throw new Error(`${this.node.path} holds no AWS::Lambda::Function`);
    resource.vpcConfig = { subnetIds: [...subnetIds], securityGroupIds: [...(securityGroupIds ?? [])] };
  }
}

function ownLog(logGroup: LogGroup): PolicyStatement {
  return new PolicyStatement({
    sid: 'OwnLog',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
}

// These actions know no resource-level permission for what Lambda asks (Lambda developer guide, "Required IAM permissions" of VPC access).
function networkRights({ subnetIds }: Network): readonly PolicyStatement[] {
  if (subnetIds === undefined) return [];
  const actions = [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  return [new PolicyStatement({ sid: 'OwnInterfaces', actions, resources: ['*'] })];
}
