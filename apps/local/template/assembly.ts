import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

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
const Artifact = z.object({
  type: z.string(),
  environment: z.optional(z.string()),
  dependencies: z.prefault(z.array(z.string()), []),
  properties: z.prefault(
    z.object({
      file: z.optional(z.string()),
      templateFile: z.optional(z.string()),
      stackName: z.optional(z.string()),
    }),
    {},
  ),
});
const Manifest = z.object({ artifacts: record(Artifact) });
const AssetFile = z.object({
  source: z.object({ path: z.prefault(z.string(), ''), packaging: z.prefault(z.string(), 'file') }),
  destinations: record(z.object({ bucketName: z.string(), objectKey: z.string() })),
});
const Assets = z.object({ files: record(AssetFile) });

/** A CloudFormation template as far as the engine reads it. */
export type Template = z.infer<typeof Template>;
/** One resource of a template. */
export type TemplateResource = z.infer<typeof Resource>;

/** A stack of the assembly. */
export interface AssemblyStack {
  readonly name: string;
  readonly template: Template;
}

/** A file asset: where the templates expect it, and where it is on disk. */
export interface Asset {
  readonly bucket: string;
  readonly key: string;
  readonly path: string;
  readonly packaging: string;
}

/** A CDK cloud assembly: stacks in an order that respects their dependencies, and their assets. */
export interface Assembly {
  readonly stacks: readonly AssemblyStack[];
  readonly assets: readonly Asset[];
  /** `aws://account/region` of the first stack that is bound to one. */
  readonly environment: string | undefined;
}

function parseFile<T>(schema: z.ZodMiniType<T>, folder: string, file: string): T {
  const parsed = schema.safeParse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(
    `${file}: not what a cloud assembly holds there: ${z.prettifyError(parsed.error)}. Nothing was deployed.`,
  );
}

type Artifacts = Record<string, z.infer<typeof Artifact>>;

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

function readAssets(folder: string, file: string): Asset[] {
  const { files } = parseFile(Assets, folder, file);
  return Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ bucketName, objectKey }) => ({
      bucket: bucketName,
      key: objectKey,
      path: join(folder, source.path),
      packaging: source.packaging,
    })),
  );
}

/**
 * Reads a cloud assembly folder (`cdk.out`).
 * @throws Error naming the file that is missing or malformed
 */
export function readAssembly(folder: string): Assembly {
  const { artifacts } = parseFile(Manifest, folder, 'manifest.json');
  const stacks: AssemblyStack[] = [];
  const assets: Asset[] = [];
  for (const id of dependenciesFirst(artifacts)) {
    const { type, properties } = artifacts[id] ?? {};
    const { file, templateFile, stackName: name = id } = properties ?? {};
    if (type === 'cdk:asset-manifest' && file) assets.push(...readAssets(folder, file));
    if (type !== 'aws:cloudformation:stack' || !templateFile) continue;
    stacks.push({ name, template: parseFile(Template, folder, templateFile) });
  }
  const environments = Object.values(artifacts).map(({ environment = '' }) => environment);
  const environment = environments.find((each) => /^aws:\/\/\d{12}\//.test(each));
  return { stacks, assets, environment };
}
