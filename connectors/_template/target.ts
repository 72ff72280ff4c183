import * as z from 'zod/mini';
import { everyTarget } from '../../core/parsed-target';

/** `target` of a policy of this kind. */
export const targetSchema = z.strictObject({
  ...everyTarget,
});
