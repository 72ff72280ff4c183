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
 * along (lib/bundles.ts, docs/decisions/0022): no function takes keys from a profile, from a
 * process that a file names, or from an address of the network.
 * @throws Failure Internal naming the variables that are missing
 */
export function defaultProvider(): () => Promise<Keys> {
  // A client asks for every request, and an environment does not change under a function.
  let found: Keys | undefined;
  return async () => (found ??= keysOf());
}

function keysOf(): Keys {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = variables({
    AWS_ACCESS_KEY_ID: text,
    AWS_SECRET_ACCESS_KEY: text,
    AWS_SESSION_TOKEN: z.optional(z.string()),
  });
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}
