import * as z from 'zod/mini';
import type { Call } from '../../core/call';
import type { Material } from '../../core/material';
import { RequestFailure } from '../../net/pinned-request';
import { exchange, type Asking } from './exchange';
import type { Keys } from './signature';
import { type IamTarget, SESSION_SECONDS } from './target';
import { readXml } from './xml';

/** Part of a call's time that one session may take. */
const SHARE = 0.1;
/** Sessions of a role live for an hour unless the role allows more (STS, AssumeRole). */
const ROLE_SECONDS = 3_600;

const witness = z.object({
  /** The ARN of a role; of the user itself without. */
  role: z.optional(z.string()),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  /** When it expires, ISO 8601 by the clock of STS. */
  expires: z.string(),
});

/** A session that was made before a cut and is kept to be presented after it. */
export type Witness = z.infer<typeof witness>;

/** The witnesses in a secret; none where it holds none that can be read. */
export function witnessesIn(material: Material | undefined): readonly Witness[] {
  try {
    return z.array(witness).safeParse(JSON.parse(material?.reveal('witness') ?? '[]')).data ?? [];
  } catch {
    return [];
  }
}

/** Sessions of the user and of each role, made with a key that works, as the field a secret keeps; empty without. */
export async function witnessField(target: IamTarget, keys: Keys | undefined, call: Call) {
  if (!keys || target.sessions.end !== 'issueTime') return { witness: '[]' };
  const made = await Promise.all(
    [undefined, ...target.sessions.roles].map(async (role) => sessionOf(target, role, keys, call)),
  );
  return { witness: JSON.stringify(made.flat()) };
}

/** All that a session of a role needs, so that what is kept can do no more than be refused. */
const leastPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'dynamodb:ListTables', Resource: '*' }],
});

async function sessionOf(
  target: IamTarget,
  role: string | undefined,
  keys: Keys,
  call: Call,
): Promise<readonly Witness[]> {
  const asking: Asking =
    role === undefined
      ? { action: 'GetSessionToken', change: { DurationSeconds: String(SESSION_SECONDS) } }
      : {
          action: 'AssumeRole',
          change: {
            RoleArn: role,
            RoleSessionName: 'gapless-witness',
            DurationSeconds: String(ROLE_SECONDS),
            Policy: leastPolicy,
          },
        };
  const [region = ''] = target.regions;
  const signing = { keys, at: call.now(), timeoutMs: call.timeoutMs * SHARE };
  try {
    const answer = await exchange(target, { service: 'sts', region }, asking, signing);
    const session = readXml(answer.body, `${asking.action}Response`);
    const fields = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration'] as const;
    const [accessKeyId, secretAccessKey, sessionToken, expires] = fields.map((name) => session?.first(name));
    const found = witness.safeParse({ role, accessKeyId, secretAccessKey, sessionToken, expires });
    return found.success ? [found.data] : [];
  } catch (error) {
    // Without a witness the last expiry is waited for, which is no reason not to issue.
    if (error instanceof RequestFailure) return [];
    throw error;
  }
}
