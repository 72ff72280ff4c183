import * as z from 'zod/mini';
import { arn, nameOf } from '../services/arn';
import { properties, refuse } from './properties';
import { physicalName, type Provider, type ResourceId, type Target } from './target';

const Code = z.object({
  S3Bucket: z.optional(z.string()),
  S3Key: z.optional(z.string()),
  ZipFile: z.optional(z.string()),
});
const Function = z.object({
  FunctionName: z.optional(z.string()),
  Code,
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string(),
  Timeout: z.prefault(z.coerce.number(), 3),
  MemorySize: z.prefault(z.coerce.number(), 128),
  Environment: z.prefault(z.object({ Variables: z.prefault(z.record(z.string(), z.coerce.string()), {}) }), {
    Variables: {},
  }),
});

function folderOf(code: z.infer<typeof Code>, id: ResourceId, target: Target): string {
  if (code.ZipFile !== undefined) return target.inlineCode(id, code.ZipFile);
  return target.codeFolder(code.S3Bucket ?? '', code.S3Key ?? '');
}

const lambdaFunction: Provider = async (given, id, target) => {
  refuse(
    given,
    [
      'Layers',
      'ImageConfig',
      'FileSystemConfigs',
      'SnapStart',
      'DeadLetterConfig',
      'ReservedConcurrentExecutions',
    ],
    id,
  );
  const wanted = properties(Function, given, id);
  if (!wanted.Runtime.startsWith('nodejs')) {
    throw new Error(
      `${id.stack}/${id.logicalId}: runtime is ${wanted.Runtime}, gapless local runs nodejs functions`,
    );
  }
  const name = wanted.FunctionName ?? physicalName(id);
  const functionArn = arn(target.place, 'lambda', `function:${name}`);
  if (!target.iam.trusts(wanted.Role, 'lambda.amazonaws.com', functionArn)) {
    throw new Error(
      `${id.stack}/${id.logicalId}: role ${wanted.Role} cannot be assumed by Lambda for ${functionArn}`,
    );
  }
  target.lambda.ensureFunction({
    name,
    arn: functionArn,
    roleArn: wanted.Role,
    folder: folderOf(wanted.Code, id, target),
    handler: wanted.Handler,
    timeoutSeconds: wanted.Timeout,
    memoryMb: wanted.MemorySize,
    environment: wanted.Environment.Variables,
  });
  return { ref: name, attributes: { Arn: functionArn } };
};

const Permission = z.object({ FunctionName: z.string(), Action: z.string(), Principal: z.string() });

const permission: Provider = async (given, id, target) => {
  const { FunctionName, Action, Principal } = properties(Permission, given, id);
  const functionArn = arn(target.place, 'lambda', `function:${nameOf(FunctionName)}`);
  const statement = { Effect: 'Allow' as const, Principal: { Service: Principal }, Action: [Action] };
  target.iam.addResourcePolicy(functionArn, [statement]);
  return { ref: physicalName(id), attributes: {} };
};

const Url = z.object({ TargetFunctionArn: z.string(), AuthType: z.literal('AWS_IAM') });

/** A function URL has an address but does not answer yet. */
const url: Provider = async (given, id, target) => {
  const { TargetFunctionArn } = properties(Url, given, id);
  const FunctionUrl = `${target.lambda.endpoint}/function-url/${nameOf(TargetFunctionArn)}/`;
  return { ref: TargetFunctionArn, attributes: { FunctionArn: TargetFunctionArn, FunctionUrl } };
};

/** Lambda resource types. */
export const CODE: Readonly<Record<string, Provider>> = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Url': url,
};
