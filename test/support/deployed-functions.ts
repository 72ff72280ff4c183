import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { environmentOf, resourcesOf, templateSchema } from './template';

/** A Lambda function as a cloud assembly deploys it. */
export interface DeployedFunction {
  readonly name: string;
  /** Files of its asset. */
  readonly files: readonly string[];
  /** The bytes of its code. */
  readonly code: Buffer;
  readonly environment: Readonly<Record<string, unknown>>;
}

const properties = z.object({ FunctionName: z.string(), Code: z.object({ S3Key: z.string() }) });

/** The functions of the workflow stack, each with its asset. */
export function deployedFunctions(assembly: string): readonly DeployedFunction[] {
  const text = readFileSync(path.join(assembly, 'GaplessWorkflow.template.json'), 'utf8');
  return resourcesOf(templateSchema.parse(JSON.parse(text)), 'AWS::Lambda::Function').map((made) => {
    const { FunctionName: name, Code } = properties.parse(made.Properties);
    const asset = path.join(assembly, `asset.${Code.S3Key.replace(/\.zip$/, '')}`);
    const code = readFileSync(path.join(asset, 'index.js'));
    return { name, files: readdirSync(asset), code, environment: environmentOf(made) };
  });
}
