import * as z from 'zod/mini';
import { Failure } from '../../core/failure';

/** A variable that holds a text. */
export const text = z.string().check(z.minLength(1));

/** Variables by name, each with its schema. */
type Shape = Readonly<Record<string, z.ZodMiniType>>;

/**
 * Reads variables of the process, each by its schema.
 * @throws Failure Internal naming the variables that are missing
 */
export function variables<S extends Shape>(shape: S) {
  const result = z.object(shape).safeParse(process.env);
  if (result.success) return result.data;
  const names = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new Failure(
    'Internal',
    `The function's environment lacks or has wrong: ${names}. Nothing was changed. Deploy the app again.`,
    'none',
  );
}
