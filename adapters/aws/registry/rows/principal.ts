import * as z from 'zod/mini';

/** A person, as AWS verified them. */
export const principal = z.object({
  accountId: z.string(),
  roleId: z.string(),
  sessionName: z.string(),
  userArn: z.string(),
});
