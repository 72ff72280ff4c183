import * as z from 'zod/mini';
import { en } from 'zod/locales';

// Without a locale the small build says only "Invalid input"; a person has to read what is allowed.
z.config(en());

/** What a parser says about one field: its path, the sentence, and the value where that is no secret. */
export interface Complaint {
  readonly field: string;
  readonly message: string;
}

/** A validator's issues as complaints with the value that was given. Policies hold no secrets, so values may be shown. */
export function complaintsOf(error: z.core.$ZodError, document: unknown): readonly Complaint[] {
  return error.issues.flatMap((issue): Complaint[] => {
    const at = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: at === '' ? key : `${at}.${key}`,
        message: 'is not a known field; remove it or correct its spelling',
      }));
    }
    const value = valueAt(document, issue.path);
    // An address with a user in it may carry a password, which is just what is being refused.
    const hidden = typeof value === 'string' && /[@?#]/.test(value);
    const given = hidden ? 'a value not shown here' : (JSON.stringify(value) ?? 'nothing');
    return [
      { field: at === '' ? '(document)' : at, message: `got ${given.slice(0, 120)}, ${issue.message}` },
    ];
  });
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined),
    document,
  );
}
