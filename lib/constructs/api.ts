import { CfnOutput, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType, type Function } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface ApiProps {
  /** Beginning of the roles' names. */
  readonly prefix: string;
  readonly requests: Function;
  readonly decisions: Function;
  readonly query: Function;
}

/**
 * Function URLs, each called by a role of its own: who may ask, who may decide and who may read are apart by IAM, because a
 * function URL knows no permission below the function. Who gets to take a role is decided by the account (`sts:AssumeRole`).
 */
export class Api extends Construct {
  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    this.open('Requests', 'Requester', props.requests, `${props.prefix}-requester`);
    this.open('Decisions', 'Approver', props.decisions, `${props.prefix}-approver`);
    this.open('Query', 'Auditor', props.query, `${props.prefix}-auditor`);
  }

  private open(what: string, who: string, lambda: Function, roleName: string): void {
    const url = lambda.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    const role = new Role(this, who, {
      roleName,
      description: `Gapless: may call the ${what.toLowerCase()} URL and nothing else`,
      assumedBy: new AccountRootPrincipal(),
    });
    for (const statement of callsOf(lambda)) role.addToPolicy(statement);
    // Outputs of the stack itself: their names are how the command line finds them.
    const stack = Stack.of(this);
    new CfnOutput(stack, `${what}Url`, { value: url.url });
    new CfnOutput(stack, `${who}Role`, { value: role.roleArn });
  }
}

/**
 * Both actions a function URL asks for (Lambda developer guide, "Control access to Lambda function URLs"). The conditions
 * keep the function's own API shut: an event made there could claim to be anybody.
 */
function callsOf({ functionArn }: Function): readonly PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'CallUrl',
      actions: ['lambda:InvokeFunctionUrl'],
      resources: [functionArn],
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    }),
    new PolicyStatement({
      sid: 'ThroughUrlOnly',
      actions: ['lambda:InvokeFunction'],
      resources: [functionArn],
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    }),
  ];
}
