import * as z from 'zod/mini';
import type { Descriptor } from '../../core/connector';
import { policySchema } from '../../core/policy/schema';
import type { Generated } from './sources';

/** The JSON Schema of policy files, for editors: the fields of every policy, and `target` as each kind wants it. */
export function policyJsonSchema(descriptors: readonly Descriptor[]): Generated {
  const kinds = descriptors.map(({ kind }) => kind);
  const perKind = descriptors.map(({ kind, target, strategies }) => ({
    properties: { kind: { const: kind }, target: jsonSchema(target), rotation: strategiesOf(strategies) },
  }));
  const base = jsonSchema(policySchema);
  const known = kinds.length > 0 ? { enum: kinds } : {};
  const schema = {
    ...base,
    title: 'Gapless policy',
    description:
      'One identity: its credential, its target, who uses it and how it is rotated. Written by npm run generate.',
    properties: { ...base.properties, kind: { ...kindSchema(base), ...known } },
    ...(perKind.length > 0 ? { oneOf: perKind } : {}),
  };
  return { file: 'docs/policy.schema.json', text: JSON.stringify(schema, null, 2) };
}

// As written in a file, so fields with a default are optional; what JSON Schema cannot say is left to the parser.
function jsonSchema(schema: z.core.$ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

function kindSchema({ properties }: z.core.JSONSchema.BaseSchema): object {
  const kind = properties?.['kind'];
  return typeof kind === 'object' ? kind : {};
}

function strategiesOf(strategies: Descriptor['strategies']): object {
  return { properties: { strategy: { enum: Object.keys(strategies) } } };
}
