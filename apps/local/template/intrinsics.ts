/** What intrinsic functions look things up in. */
export interface Scope {
  /** Value of `Ref`: a resource's id, a parameter or a pseudo parameter; `undefined` for AWS::NoValue. */
  ref(name: string): Promise<unknown>;
  attribute(logicalId: string, name: string): Promise<unknown>;
  importValue(exportName: string): unknown;
  mapping(map: string, first: string, second: string): unknown;
  condition(name: string): Promise<boolean>;
}

type Evaluate = (argument: unknown, scope: Scope) => Promise<unknown>;

const list = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`intrinsic argument: got ${JSON.stringify(value)}, want a list`);
};
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function resolvedList(argument: unknown, scope: Scope): Promise<unknown[]> {
  return list(await resolve(argument, scope));
}

async function join(argument: unknown, scope: Scope): Promise<string> {
  const [delimiter, parts] = await resolvedList(argument, scope);
  return list(parts).map(String).join(String(delimiter));
}

async function attribute(argument: unknown, scope: Scope): Promise<unknown> {
  const [logicalId = '', ...path] =
    typeof argument === 'string' ? argument.split('.') : list(argument).map(String);
  return scope.attribute(logicalId, path.join('.'));
}

async function substitute(argument: unknown, scope: Scope): Promise<string> {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument);
  const own = await resolve(variables, scope);
  const values = new Map<string, string>();
  for (const [, name = ''] of String(template).matchAll(/\$\{([^!}][^}]*)\}/g)) {
    const given = isRecord(own) ? own[name] : undefined;
    values.set(
      name,
      String(given ?? (name.includes('.') ? await attribute(name, scope) : await scope.ref(name))),
    );
  }
  return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) =>
    literal ? `\${${name}}` : (values.get(name) ?? ''),
  );
}

async function every(argument: unknown, scope: Scope): Promise<boolean[]> {
  return Promise.all(list(argument).map(async (each) => (await resolve(each, scope)) === true));
}

const INTRINSICS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  Condition: (argument, scope) => scope.condition(String(argument)),
  'Fn::GetAtt': attribute,
  'Fn::Join': join,
  'Fn::Sub': substitute,
  'Fn::ImportValue': async (argument, scope) => scope.importValue(String(await resolve(argument, scope))),
  'Fn::Select': async (argument, scope) => {
    const [index, from] = await resolvedList(argument, scope);
    return list(from)[Number(index)];
  },
  'Fn::Split': async (argument, scope) => {
    const [delimiter, text] = await resolvedList(argument, scope);
    return String(text).split(String(delimiter));
  },
  'Fn::FindInMap': async (argument, scope) => {
    const [map, first, second] = await resolvedList(argument, scope);
    return scope.mapping(String(map), String(first), String(second));
  },
  'Fn::If': async (argument, scope) => {
    const [name, then, otherwise] = list(argument);
    return resolve((await scope.condition(String(name))) ? then : otherwise, scope);
  },
  'Fn::Equals': async (argument, scope) => {
    const [a, b] = await resolvedList(argument, scope);
    return String(a) === String(b);
  },
  'Fn::Not': async (argument, scope) => !(await every(argument, scope))[0],
  'Fn::And': async (argument, scope) => (await every(argument, scope)).every(Boolean),
  'Fn::Or': async (argument, scope) => (await every(argument, scope)).some(Boolean),
};

/**
 * Evaluates every intrinsic function in a value; properties that resolve to nothing (AWS::NoValue) are left out.
 * @throws Error naming an intrinsic the engine does not implement
 */
export async function resolve(value: unknown, scope: Scope): Promise<unknown> {
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await resolve(item, scope));
    return items.filter((item) => item !== undefined);
  }
  if (!isRecord(value)) return value;
  const [name = '', ...others] = Object.keys(value);
  const isIntrinsic =
    others.length === 0 && (name === 'Ref' || name.startsWith('Fn::') || isConditionRef(name, value));
  if (isIntrinsic) {
    const evaluate = INTRINSICS[name];
    if (!evaluate) throw new Error(`gapless local does not implement the intrinsic function ${name}`);
    return evaluate(value[name], scope);
  }
  const result: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    const resolved = await resolve(each, scope);
    if (resolved !== undefined) result[key] = resolved;
  }
  return result;
}

/** `{Condition: "Name"}` is a reference; `{Condition: {...}}` is a policy statement's own element. */
const isConditionRef = (name: string, value: Record<string, unknown>) =>
  name === 'Condition' && typeof value[name] === 'string';
