import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

const Resource = z.object({
  Type: z.string(),
  Properties: z.prefault(z.record(z.string(), z.unknown()), {}),
  DependsOn: z.optional(z.union([z.string(), z.array(z.string())])),
  Condition: z.optional(z.string()),
});
const Template = z.object({
  Parameters: z.prefault(z.record(z.string(), z.object({ Default: z.optional(z.unknown()) })), {}),
  Mappings: z.prefault(z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))), {}),
  Conditions: z.prefault(z.record(z.string(), z.unknown()), {}),
  Resources: z.record(z.string(), Resource),
  Outputs: z.prefault(
    z.record(
      z.string(),
      z.object({
        Value: z.unknown(),
        Export: z.optional(z.object({ Name: z.unknown() })),
        Condition: z.optional(z.string()),
      }),
    ),
    {},
  ),
});
const Artifact = z.object({
  type: z.string(),
  environment: z.optional(z.string()),
  dependencies: z.prefault(z.array(z.string()), []),
  properties: z.prefault(z.record(z.string(), z.unknown()), {}),
});
const Manifest = z.object({ artifacts: z.prefault(z.record(z.string(), Artifact), {}) });
const Assets = z.object({
  files: z.prefault(
    z.record(
      z.string(),
      z.object({
        source: z.object({ path: z.optional(z.string()), packaging: z.optional(z.string()) }),
        destinations: z.record(z.string(), z.object({ bucketName: z.string(), objectKey: z.string() })),
      }),
    ),
    {},
  ),
});

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

const textOf = (properties: Record<string, unknown>, name: string) => {
  const value = properties[name];
  return typeof value === 'string' ? value : undefined;
};

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
      path: join(folder, source.path ?? ''),
      packaging: source.packaging ?? 'file',
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
    const artifact = artifacts[id];
    const file = textOf(artifact?.properties ?? {}, 'file');
    if (artifact?.type === 'cdk:asset-manifest' && file) assets.push(...readAssets(folder, file));
    const templateFile = textOf(artifact?.properties ?? {}, 'templateFile');
    if (artifact?.type !== 'aws:cloudformation:stack' || !templateFile) continue;
    stacks.push({
      name: textOf(artifact.properties, 'stackName') ?? id,
      template: parseFile(Template, folder, templateFile),
    });
  }
  const environment = Object.values(artifacts).find((each) =>
    /^aws:\/\/\d{12}\//.test(each.environment ?? ''),
  )?.environment;
  return { stacks, assets, environment };
}
