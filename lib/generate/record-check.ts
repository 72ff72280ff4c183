import * as z from 'zod/mini';
import { evidenceRecord } from '../../core/evidence/record';
import type { Generated } from './sources';

type Schema = z.core.JSONSchema.BaseSchema;

/**
 * The schema of records as straight code: a verifier asks it of every record of a ledger, where the schema itself costs
 * more than parsing and hashing the record.
 */
export function recordCheck(): Generated {
  const code = new Code();
  const { oneOf = [] } = z.toJSONSchema(evidenceRecord, { io: 'input' });
  const cases = oneOf.map(parsed).map((shape) => {
    const type = parsed(shape.properties?.['type']).const;
    return `case ${JSON.stringify(type)}: return ${code.object(shape)}(value);`;
  });
  const text = [
    '// Written by `npm run generate` from core/evidence/record.ts.',
    `import type { EvidenceRecord } from './record';`,
    '',
    HELPERS,
    ...code.patterns.map((pattern, at) => `const pattern${at} = new RegExp(${JSON.stringify(pattern)});`),
    '',
    ...code.functions,
    '/** Tells what `evidenceRecord` accepts, and not why it does not accept something. */',
    'export function isRecord(value: unknown): value is EvidenceRecord {',
    `if (!isObject(value)) return false;`,
    `switch (value['type']) { ${cases.join('\n')}\ndefault: return false; }`,
    '}',
    '',
  ].join('\n');
  return { file: 'core/evidence/record-check.generated.ts', text };
}

const HELPERS = `
type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

// Counting in a pattern takes longer than asking for the length.
function isLike(value: unknown, length: number, pattern: RegExp): boolean {
  return typeof value === 'string' && value.length === length && pattern.test(value);
}

/** A time of a day that every month has, in milliseconds; anything else is left to the pattern, which takes longer. */
const plainTime = /^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$/;

function isTime(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && (plainTime.test(value) || pattern.test(value));
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isList(value: unknown, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each);
}
`;

function parsed(schema: z.core.JSONSchema._JSONSchema | readonly unknown[] | undefined): Schema {
  if (typeof schema === 'object' && !isArray(schema)) return schema;
  throw new TypeError('a schema of JSON Schema was expected');
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The functions and patterns that the checks of a schema need. */
class Code {
  readonly functions: string[] = [];
  readonly patterns: string[] = [];

  /** Name of a function that checks an object; a property that is not required may be left out, and fits otherwise. */
  object(schema: Schema): string {
    const members = Object.entries(schema.properties ?? {}).map(([name, member]) => {
      const fits = this.expression(parsed(member), `value[${JSON.stringify(name)}]`);
      const needed = schema.required?.includes(name);
      return needed ? fits : `(!(${JSON.stringify(name)} in value) || ${fits})`;
    });
    const name = `isShape${this.functions.length}`;
    this.functions.push(
      `function ${name}(value: unknown): boolean { return isObject(value) && ${members.join(' && ')}; }\n`,
    );
    return name;
  }

  /** An expression that is true where the value fits. */
  expression(schema: Schema, value: string): string {
    if ('const' in schema) return `${value} === ${JSON.stringify(schema.const)}`;
    if (schema.enum)
      return `(${schema.enum.map((one) => `${value} === ${JSON.stringify(one)}`).join(' || ')})`;
    const options = schema.anyOf ?? schema.oneOf ?? typesOf(schema);
    if (options) return `(${options.map((one) => this.expression(parsed(one), value)).join(' || ')})`;
    switch (schema.type) {
      case 'object':
        return `${this.object(schema)}(${value})`;
      case 'array':
        return `isList(${value}, (item) => ${this.expression(parsed(schema.items), 'item')})`;
      case 'string':
        return this.#text(schema, value);
      case 'integer':
        return `isWhole(${value}, ${schema.minimum ?? -Infinity}, ${schema.maximum ?? Infinity})`;
      case 'number':
        return `Number.isFinite(${value})`;
      case 'null':
        return `${value} === null`;
      default:
        throw new TypeError(`records have no check for ${JSON.stringify(schema)}`);
    }
  }

  #text({ pattern, maxLength, format }: Schema, value: string): string {
    if (pattern === undefined) return `isText(${value}, ${maxLength ?? Infinity})`;
    if (format === 'date-time') return `isTime(${value}, ${this.#pattern(pattern)})`;
    const [, letters, length] = /^\^(\[[^\]]+\])\{(\d+)\}\$$/.exec(pattern) ?? [];
    return letters === undefined
      ? `(typeof ${value} === 'string' && ${this.#pattern(pattern)}.test(${value}))`
      : `isLike(${value}, ${length}, ${this.#pattern(`^${letters}*$`)})`;
  }

  /** Name of a pattern. */
  #pattern(pattern: string): string {
    const at = this.patterns.includes(pattern)
      ? this.patterns.indexOf(pattern)
      : this.patterns.push(pattern) - 1;
    return `pattern${at}`;
  }
}

/** A schema of several types as one of each. */
function typesOf(schema: Schema): readonly Schema[] | undefined {
  const { type } = schema;
  return Array.isArray(type) ? type.map((one) => ({ ...schema, type: one })) : undefined;
}
