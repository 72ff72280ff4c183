import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactType, Manifest, type ArtifactManifest } from 'aws-cdk-lib/cloud-assembly-schema';
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
const optional = z.optional(z.string());
const Properties = z.object({ file: optional, templateFile: optional, stackName: optional });

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

type Artifacts = Readonly<Record<string, ArtifactManifest>>;

function dependenciesFirst(artifacts: Artifacts): string[] {
  const ordered = new Set<string>();
  const visit = (id: string) => {
    if (ordered.has(id)) return;
    for (const needed of artifacts[id]?.dependencies ?? []) visit(needed);
    ordered.add(id);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return [...ordered];
}

function readAssets(folder: string, file: string, place: Place): Asset[] {
  const pseudo: Readonly<Record<string, string>> = { AccountId: place.account, Region: place.region };
  const fill = (text: string) =>
    text.replace(/\$\{AWS::(\w+)\}/g, (_all, name: string) => pseudo[name] ?? 'aws');
  const { files = {} } = Manifest.loadAssetManifest(join(folder, file));
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

function placeOf(artifacts: Artifacts): Place {
  const environments = Object.values(artifacts)
    .map(({ environment }) => environment)
    .join(' ');
  const [, account, region] = /aws:\/\/(\d{12})\/([a-z0-9-]+)/.exec(environments) ?? [];
  return { account: account ?? '000000000000', region: region ?? 'us-east-1' };
}

function readAssembly(folder: string): Assembly {
  const { artifacts = {} } = Manifest.loadAssemblyManifest(join(folder, 'manifest.json'));
  const place = placeOf(artifacts);
  const stacks: AssemblyStack[] = [];
  const assets: Asset[] = [];
  for (const id of dependenciesFirst(artifacts)) {
    const { type, properties } = artifacts[id] ?? {};
    const { file, templateFile, stackName: name = id } = Properties.parse(properties ?? {});
    if (type === ArtifactType.ASSET_MANIFEST && file) assets.push(...readAssets(folder, file, place));
    if (type === ArtifactType.AWS_CLOUDFORMATION_STACK && templateFile)
      stacks.push({ name, template: readTemplate(folder, templateFile) });
  }
  return { stacks, assets, place };
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
