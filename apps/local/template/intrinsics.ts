import { isJson, type Json } from '../asl/json';

/** What intrinsic functions look things up in. */
export interface Scope {
  /** Value of `Ref`: a resource's id, a parameter or a pseudo parameter. */
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  importValue(exportName: string): unknown;
}

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const list = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`intrinsic argument: got ${JSON.stringify(value)}, want a list`);
};

/** A function of a list, each element resolved first. */
const ofList =
  (evaluate: (items: readonly unknown[]) => unknown): Evaluate =>
  (argument, scope) =>
    evaluate(list(resolve(argument, scope)));

const attribute: Evaluate = (argument, scope) => {
  const named = typeof argument === 'string' ? argument.split('.') : list(argument).map(String);
  const [logicalId = '', ...path] = named;
  return scope.attribute(logicalId, path.join('.'));
};

const substitute: Evaluate = (argument, scope) => {
  const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument);
  const own = resolve(variables, scope);
  return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (isJson(own) && name in own) return String(own[name]);
    return String(name.includes('.') ? attribute(name, scope) : scope.ref(name));
  });
};

const INTRINSICS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  'Fn::GetAtt': attribute,
  'Fn::Sub': substitute,
  'Fn::ImportValue': (argument, scope) => scope.importValue(String(resolve(argument, scope))),
  'Fn::Join': ofList(([delimiter, parts]) => list(parts).map(String).join(String(delimiter))),
  'Fn::Select': ofList(([index, from]) => list(from)[Number(index)]),
  'Fn::Split': ofList(([delimiter, text]) => String(text).split(String(delimiter))),
};

/**
 * Evaluates every intrinsic function in a value.
 * @throws Error naming an intrinsic the engine does not implement
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (!isJson(value)) return value;
  const [name = '', ...others] = Object.keys(value);
  if (others.length > 0 || (name !== 'Ref' && !name.startsWith('Fn::'))) return resolveEach(value, scope);
  const evaluate = INTRINSICS[name];
  if (evaluate) return evaluate(value[name], scope);
  throw new Error(`gapless local does not implement the intrinsic function ${name}`);
}

/** Evaluates every intrinsic function in the fields of an object. */
export function resolveEach(value: Json, scope: Scope): Json {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each, scope)]));
}
