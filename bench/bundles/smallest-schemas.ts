type Local = (name: string) => string;

// Constructors of zod/mini and the least that each takes, as source; `string`, `object` and `literal` are in every function.
const least: Readonly<Record<string, (local: Local) => string>> = {
  string: () => '',
  number: () => '',
  int: () => '',
  boolean: () => '',
  unknown: () => '',
  url: () => '',
  object: () => '{}',
  strictObject: () => '{}',
  looseObject: () => '{}',
  enum: () => "['a']",
  literal: () => "'a'",
  array: (local) => `${local('string')}()`,
  optional: (local) => `${local('string')}()`,
  exactOptional: (local) => `${local('string')}()`,
  nullable: (local) => `${local('string')}()`,
  _default: (local) => `${local('string')}(), 'a'`,
  record: (local) => `${local('string')}(), ${local('string')}()`,
  union: (local) => `[${local('string')}(), ${local('object')}({})]`,
  discriminatedUnion: (local) => `'a', [${local('object')}({ a: ${local('literal')}('b') })]`,
  minLength: () => '1',
  maxLength: () => '1',
  regex: () => '/a/',
  refine: () => '() => true',
};

/** Source of one small schema, or check, of each constructor in `names`; others are left as imports alone. */
export function smallestSchemas(names: readonly string[], local: Local): readonly string[] {
  return names.flatMap((name) => {
    const take = least[name];
    return take ? [`${local(name)}(${take(local)})`] : [];
  });
}
