import * as z from 'zod/mini';

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z._default(z.record(z.string(), z.unknown()), {}) }),
  ),
  Outputs: z._default(
    z.record(
      z.string(),
      z.object({ Value: z.unknown(), Export: z.optional(z.object({ Name: z.unknown() })) }),
    ),
    {},
  ),
});

/** A template as CloudFormation reads it, with the name of its stack. */
export interface StackTemplate {
  readonly stack: string;
  readonly template: unknown;
}

/** A resource of the app; references inside its properties are text, see {@link readApp}. */
export interface Resource {
  /** `<stack>/<logical id>`. */
  readonly where: string;
  readonly type: string;
  /** How another resource's text names this one: `<stack.logical id>`, without its closing bracket. */
  readonly reference: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** All stacks of an app as one. */
export interface SynthesisedApp {
  readonly resources: readonly Resource[];
  /** Text of each stack's outputs, by `<stack>/<output>`. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Reads the templates of an app. Intrinsics become text: a reference is `<stack.id>`, an attribute `<stack.id.Arn>`, a
 * pseudo parameter `<AWS::Region>`, and an import is the text of what the other stack exports.
 * @throws Error when a template is none
 */
export function readApp(stacks: readonly StackTemplate[]): SynthesisedApp {
  const read = stacks.map(({ stack, template }) => ({ stack, ...templateSchema.parse(template) }));
  const exported = new Map<string, string>();
  const outputs: Record<string, string> = {};
  for (const { stack, Outputs } of read) {
    for (const [name, { Value, Export }] of Object.entries(Outputs)) {
      outputs[`${stack}/${name}`] = text(plain(Value, stack, exported));
      if (Export !== undefined) exported.set(text(Export.Name), text(plain(Value, stack, exported)));
    }
  }
  const resources = read.flatMap(({ stack, Resources }) =>
    Object.entries(Resources).map(([id, { Type, Properties }]) => ({
      where: `${stack}/${id}`,
      type: Type,
      reference: `<${stack}.${id}`,
      properties: z.record(z.string(), z.unknown()).parse(plain(Properties, stack, exported)),
    })),
  );
  return { resources, outputs };
}

/** All resources of a type. */
export function ofType({ resources }: SynthesisedApp, type: string): readonly Resource[] {
  return resources.filter((each) => each.type === type);
}

/** A value, or each of several, as a list. */
export function listed(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** A value as it stands in a finding. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const joined = z.tuple([z.string(), z.array(z.unknown())]);

function plain(value: unknown, stack: string, exported: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => plain(each, stack, exported));
  if (value === null || typeof value !== 'object') return value;
  const intrinsic = intrinsicText(value, stack, exported);
  if (intrinsic !== undefined) return intrinsic;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each, stack, exported)]));
}

function intrinsicText(
  value: object,
  stack: string,
  exported: ReadonlyMap<string, string>,
): string | undefined {
  if (Object.keys(value).length !== 1) return undefined;
  const named = (name: string): string => (name.startsWith('AWS::') ? `<${name}>` : `<${stack}.${name}>`);
  if ('Ref' in value) return named(text(value.Ref));
  if ('Fn::GetAtt' in value) return named(listed(value['Fn::GetAtt']).map(String).join('.'));
  if ('Fn::Sub' in value && typeof value['Fn::Sub'] === 'string')
    return value['Fn::Sub'].replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => named(name));
  if ('Fn::Join' in value) {
    const [separator, parts] = joined.parse(value['Fn::Join']);
    return parts.map((part) => text(plain(part, stack, exported))).join(separator);
  }
  if (!('Fn::ImportValue' in value)) return undefined;
  const name = text(plain(value['Fn::ImportValue'], stack, exported));
  return exported.get(name) ?? `<import ${name}>`;
}
