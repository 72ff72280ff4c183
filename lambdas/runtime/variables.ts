import type * as z from 'zod/mini';
import { Failure } from '../../core/failure';

/** The variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables by a schema of them.
 * @throws Failure Internal naming the variables that are missing
 */
export function parsedVariables<T>(schema: z.ZodMiniType<T>, env: Variables): T {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const names = result.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new Failure(
    'Internal',
    `The function's environment lacks or has wrong: ${names}. Nothing was changed. Deploy the app again.`,
    'none',
  );
}
