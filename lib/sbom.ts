import * as z from 'zod/mini';

const component = z.looseObject({ 'bom-ref': z.string(), scope: z.optional(z.string()) });
const document = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string(),
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string(), name: z.string() }) }),
  components: z.array(component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.optional(z.array(z.string())) })),
});
/** A CycloneDX document, as far as it is read here (cyclonedx.org/docs/1.5/json). */
export type Sbom = z.infer<typeof document>;

/** What of package.json decides what is needed to run. */
export interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Marks what only builds and tests need as `excluded`, CycloneDX's scope for what is no part of the running thing. `npm
 * sbom --omit=dev` would leave out, with what only tests need, also what they share with the product.
 * @param text what `npm sbom --sbom-format cyclonedx` prints
 * @throws ZodError when it is no such document
 */
export function scopedSbom(text: string, { name, dependencies }: Manifest): Sbom {
  const sbom = document.parse(JSON.parse(text));
  const { component: root } = sbom.metadata;
  const edges = new Map(sbom.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const direct = Object.entries(dependencies).map(([from, version]) => `${from}@${version}`);
  const declared = (edges.get(root['bom-ref']) ?? []).filter((ref) => direct.includes(ref));
  const needed = reached(declared, edges);
  return {
    ...sbom,
    metadata: { ...sbom.metadata, component: { ...root, name } },
    components: sbom.components.map((each) => ({
      ...each,
      scope: needed.has(each['bom-ref']) ? 'required' : 'excluded',
    })),
  };
}

function reached(
  from: readonly string[],
  edges: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const left = [...from];
  for (let ref = left.pop(); ref !== undefined; ref = left.pop()) {
    if (seen.has(ref)) continue;
    seen.add(ref);
    left.push(...(edges.get(ref) ?? []));
  }
  return seen;
}
