import * as z from 'zod/mini';

/** `target` of a policy of this kind. The fields every kind has are read by core and only let through here. */
export const targetSchema = z.strictObject({
  network: z.optional(z.unknown()),
  admin: z.optional(z.unknown()),
  control: z.optional(z.unknown()),
  paths: z.optional(z.unknown()),
});
