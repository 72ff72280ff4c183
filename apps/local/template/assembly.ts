import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssetManifest } from 'aws-cdk-lib/cloud-assembly-schema';
import { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';
import * as z from 'zod/mini';
import type { Place } from '../services/arn';
import type { Asset } from '../services/s3';

const record = <T>(values: z.ZodMiniType<T>) => z.prefault(z.record(z.string(), values), {});
const Resource = z.object({
  Type: z.string(),
  Properties: record(z.unknown()),
  DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
  Condition: z.optional(z.never()),
});
const Output = z.object({ Value: z.unknown(), Export: z.optional(z.object({ Name: z.unknown() })) });
const Template = z.object({
  Parameters: record(z.object({ Default: z.optional(z.unknown()) })),
  Resources: record(Resource),
  Outputs: record(Output),
});

/** A stack of the assembly. */
export interface AssemblyStack {
  readonly name: string;
  readonly template: z.infer<typeof Template>;
}

/** A CDK cloud assembly: stacks in an order that respects their dependencies, and their assets. */
export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
  readonly assets: readonly Asset[];
  /** Where the stacks are bound to; unbound ones live in 000000000000, us-east-1. */
  readonly place: Place;
}

function readAssets(folder: string, { files = {} }: AssetManifest, place: Place): Asset[] {
  const pseudo: Readonly<Record<string, string>> = { AccountId: place.account, Region: place.region };
  const fill = (text: string) =>
    text.replace(/\$\{AWS::(\w+)\}/g, (_all, name: string) => pseudo[name] ?? 'aws');
  return Object.values(files).flatMap(({ source: { path = '', packaging = 'file' }, destinations }) =>
    Object.values(destinations).map(({ bucketName, objectKey }) => {
      return { bucket: fill(bucketName), key: fill(objectKey), path: join(folder, path), packaging };
    }),
  );
}

function readTemplate(folder: string, file: string): AssemblyStack['template'] {
  const parsed = Template.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  if (parsed.success) return parsed.data;
  const why = z.prettifyError(parsed.error);
  throw new Error(`${file}: no template gapless local can read: ${why}. Nothing was deployed.`);
}

const unbound = { account: '000000000000', region: 'us-east-1' };

function readAssembly(folder: string): Assembly {
  const { artifacts, stacks } = new CloudAssembly(folder);
  const bound = stacks.map(({ environment }) => environment).find(({ account }) => /^\d{12}$/.test(account));
  const { account, region } = bound ?? unbound;
  const place = { account, region };
  const manifests = artifacts.filter((each) => AssetManifestArtifact.isAssetManifestArtifact(each));
  return {
    stacks: stacks.map(({ stackName: name, templateFile }) => {
      return { name, template: readTemplate(folder, templateFile) };
    }),
    assets: manifests.flatMap(({ contents }) => readAssets(folder, contents, place)),
    place,
  };
}

/**
 * Reads a cloud assembly folder (`cdk.out`).
 * @throws Error naming the file that is missing or malformed
 */
export function openAssembly(folder: string): Assembly {
  try {
    return readAssembly(folder);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'ENOENT') throw cause;
    const missing = `No cloud assembly at ${join(folder, 'manifest.json')}. Nothing was started.`;
    throw new Error(`${missing} Run "npx cdk synth" first, or give the folder it wrote.`, { cause });
  }
}
