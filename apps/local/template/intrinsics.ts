/** What intrinsic functions look things up in. */
export interface Scope {
  /** Value of `Ref`: a resource's id, a parameter or a pseudo parameter. */
  ref(name: string): Promise<unknown>;
  attribute(logicalId: string, name: string): Promise<unknown>;
  importValue(exportName: string): unknown;
}

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const list = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`intrinsic argument: got ${JSON.stringify(value)}, want a list`);
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A function of a list, each element resolved first. */
const ofList =
  (evaluate: (items: readonly unknown[]) => unknown): Evaluate =>
  async (argument, scope) =>
    evaluate(list(await resolve(argument, scope)));

const attribute: Evaluate = (argument, scope) => {
  const named = typeof argument === 'string' ? argument.split('.') : list(argument).map(String);
  const [logicalId = '', ...path] = named;
  return scope.attribute(logicalId, path.join('.'));
};

const substitute: Evaluate = async (argument, scope) => {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument);
  const own = await resolve(variables, scope);
  const values = new Map<string, string>();
  for (const [, name = ''] of String(template).matchAll(/\$\{([^!}][^}]*)\}/g)) {
    const outside = name.includes('.') ? attribute : scope.ref.bind(scope);
    values.set(name, String(isRecord(own) && name in own ? own[name] : await outside(name, scope)));
  }
  return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) =>
    literal ? `\${${name}}` : (values.get(name) ?? ''),
  );
};

const INTRINSICS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  'Fn::GetAtt': attribute,
  'Fn::Sub': substitute,
  'Fn::ImportValue': async (argument, scope) => scope.importValue(String(await resolve(argument, scope))),
  'Fn::Join': ofList(([delimiter, parts]) => list(parts).map(String).join(String(delimiter))),
  'Fn::Select': ofList(([index, from]) => list(from)[Number(index)]),
  'Fn::Split': ofList(([delimiter, text]) => String(text).split(String(delimiter))),
};

/**
 * Evaluates every intrinsic function in a value.
 * @throws Error naming an intrinsic the engine does not implement
 */
export async function resolve(value: unknown, scope: Scope): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await resolve(item, scope));
    return items;
  }
  if (!isRecord(value)) return value;
  const [name = '', ...others] = Object.keys(value);
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    const evaluate = INTRINSICS[name];
    if (!evaluate) throw new Error(`gapless local does not implement the intrinsic function ${name}`);
    return evaluate(value[name], scope);
  }
  const result: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) result[key] = await resolve(each, scope);
  return result;
}
