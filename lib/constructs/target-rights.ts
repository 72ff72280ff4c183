import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { AwsRight, Descriptor } from '../../core/connector';

/**
 * What the functions of a kind may do in AWS at their targets, as its descriptor says.
 * @throws Error naming an action or a resource with a wildcard that would reach everything
 */
export function targetRights(descriptor: Descriptor, role: 'mutator' | 'prober'): readonly PolicyStatement[] {
  const declared = (descriptor.aws ?? []).filter((right) => right.role === role);
  return declared.map((right, at) => {
    assertNarrow(descriptor.kind, right);
    const statement = new PolicyStatement({
      sid: `Target${at}`,
      actions: [...right.actions],
      resources: right.resources.map((arn) => filledIn(arn)),
    });
    for (const [operator, keys] of Object.entries(right.conditions ?? {}))
      statement.addCondition(
        operator,
        Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, [...values]])),
      );
    return statement;
  });
}

function filledIn(arn: string): string {
  return arn.replaceAll('{partition}', Aws.PARTITION).replaceAll('{account}', Aws.ACCOUNT_ID);
}

function assertNarrow(kind: string, { actions, resources }: AwsRight): void {
  const wide = [
    ...actions.filter((action) => action.includes('*')),
    ...resources.filter((arn) => arn === '*'),
  ];
  if (wide.length === 0) return;
  throw new Error(
    `connectors/${kind}/descriptor.ts: aws grants ${wide.join(', ')}; want actions and resources by name.`,
  );
}
