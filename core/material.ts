const label = '[material]';

/**
 * The secret half of a credential, as named text fields (for a database: username, password, host, ...).
 * It prints as a label wherever it could leak (JSON, string conversion, inspection); `reveal` is the only way out.
 */
export class Material {
  readonly #fields: Readonly<Record<string, string>>;

  constructor(fields: Readonly<Record<string, string>>) {
    this.#fields = { ...fields };
  }

  /** One field's value; undefined when the material has no such field. */
  reveal(field: string): string | undefined {
    return this.#fields[field];
  }

  /** The material with some fields replaced. */
  with(fields: Readonly<Record<string, string>>): Material {
    return new Material({ ...this.#fields, ...fields });
  }

  /** The text kept in the vault: a JSON object with sorted keys, so equal material gives equal text. */
  toVaultText(): string {
    return JSON.stringify(
      Object.fromEntries(Object.entries(this.#fields).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    );
  }

  /** Reads vault text. Never quotes what it was given: undefined when it is not a JSON object of scalars. */
  static fromVaultText(text: string): Material | undefined {
    try {
      const parsed: unknown = JSON.parse(text);
      if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) return undefined;
      const fields: Record<string, string> = {};
      for (const [key, value] of Object.entries(parsed)) {
        if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
          fields[key] = String(value);
        }
      }
      return new Material(fields);
    } catch {
      return undefined;
    }
  }

  toJSON(): string {
    return label;
  }

  toString(): string {
    return label;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return label;
  }
}
