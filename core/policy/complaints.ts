import * as z from 'zod/mini';
import { en } from 'zod/locales';

// Without a locale the small build says only "Invalid input"; a person has to read what is allowed.
z.config(en());

/** What a parser says about one field: its path, the sentence, and the value where that is no secret. */
export interface Complaint {
  readonly field: string;
  readonly message: string;
}

/** A validator's issues as complaints, with the value that was given where that is one value. */
export function complaintsOf(error: z.core.$ZodError, document: unknown): readonly Complaint[] {
  return error.issues.flatMap((issue): Complaint[] => {
    const at = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: at === '' ? key : `${at}.${key}`,
        message: 'is not a known field; remove it or correct its spelling',
      }));
    }
    const given = shown(valueAt(document, issue.path));
    return [{ field: at === '' ? '(document)' : at, message: `got ${given}, ${issue.message}` }];
  });
}

/** A value, or a list of such. What has fields of its own may hold just what is refused for being a secret, as a header does. */
function shown(value: unknown): string {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (parts.some((part) => part !== null && typeof part === 'object'))
    return 'a value with fields of its own';
  // An address with a user in it may carry a password.
  if (parts.some((part) => typeof part === 'string' && /[@?#]/.test(part))) return 'a value not shown here';
  return (JSON.stringify(value) ?? 'nothing').slice(0, 120);
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value !== null && typeof value === 'object' ? Reflect.get(value, key) : undefined),
    document,
  );
}
