import * as z from 'zod/mini';
import { text, variables } from './variables';

/** Keys of the function's role. */
interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Where a function's SDK clients find its role's keys: in its environment, where Lambda puts them (Lambda developer guide,
 * "Defined runtime environment variables"), and nowhere else. Bundles have this in place of the chain that clients bring
 * along (lib/bundles.ts, docs/decisions/0022): no function looks for a profile, starts a process that a file names, or asks
 * an address of the network for keys.
 * @throws Failure Internal naming the variables that are missing
 */
export function defaultProvider(): () => Promise<Keys> {
  return async () => {
    const found = variables({
      AWS_ACCESS_KEY_ID: text,
      AWS_SECRET_ACCESS_KEY: text,
      AWS_SESSION_TOKEN: z.optional(z.string()),
    });
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = found;
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    };
  };
}
