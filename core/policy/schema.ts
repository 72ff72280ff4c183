import * as z from 'zod/mini';
import { DURATION, seconds } from './duration';
import { IDENTITY_ID } from './identity-id';

const id = z
  .string()
  .check(z.regex(IDENTITY_ID, 'want 3 to 64 of a-z, 0-9 and -, starting with a letter or digit'));
const label = z.string().check(z.minLength(1), z.maxLength(128));
const secretName = z
  .string()
  .check(
    z.regex(/^[A-Za-z0-9/_+=.@-]{1,256}$/, 'want a Secrets Manager secret name (letters, digits, /_+=.@-)'),
  );

/** A duration between two bounds, both as policies write them. */
function duration(from: string, to: string) {
  return z.string().check(
    z.refine(
      (value) => DURATION.test(value) && seconds(value) >= seconds(from) && seconds(value) <= seconds(to),
      {
        error: `want a duration from ${from} to ${to}, such as 30d, 12h, 5m or 0s`,
      },
    ),
  );
}

// Policies are archived as evidence for ever, so nothing that could be a secret may stand in one.
const consumerUrl = z.url({ protocol: /^https?$/, error: 'want an http or https URL' }).check(
  z.refine((value) => !/[?#]|\/\/[^/]*@/.test(value), {
    error: 'want a URL without user, password, query or fragment',
  }),
);

const consumer = z.discriminatedUnion('observe', [
  z.strictObject({
    id,
    observe: z.literal('http'),
    url: consumerUrl,
    allowPrivate: z.optional(z.boolean()),
  }),
  z.strictObject({ id, observe: z.literal('target-sessions'), client: z.optional(label) }),
]);
/** A consumer of the credential, and how its version is seen. */
export type Consumer = z.infer<typeof consumer>;

const probePath = z.strictObject({
  id,
  address: z.string().check(
    z.minLength(3),
    z.maxLength(256),
    z.refine((value) => !/[?#@]/.test(value), { error: 'want host:port, without user or password' }),
  ),
});

const hours = z.string().check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'want a UTC time such as 02:30'));

export const policySchema = z.strictObject({
  id,
  kind: z.string().check(z.regex(/^[a-z][a-z0-9-]{2,40}$/)),
  aliases: z._default(z.array(label).check(z.maxLength(16)), []),
  owner: label,
  team: z.optional(label),
  environment: z.optional(label),
  platform: z.optional(label),
  site: z.optional(label),
  /** Free labels that a bulk revocation can be asked for. */
  tags: z.optional(z.array(label).check(z.maxLength(24))),
  secret: secretName,
  target: z.looseObject({
    network: z._default(id, 'default'),
    admin: secretName,
    control: z.optional(secretName),
    paths: z._default(z.array(probePath).check(z.maxLength(4)), []),
  }),
  consumers: z._default(z.array(consumer).check(z.maxLength(8)), []),
  rotation: z.optional(
    z.strictObject({
      strategy: label,
      every: duration('15m', '365d'),
      overlap: z._default(duration('0s', '7d'), '0s'),
      window: z.optional(z.strictObject({ from: hours, to: hours })),
    }),
  ),
  revocation: z.strictObject({
    within: duration('1m', '30d'),
    owner: label,
    fallback: z.optional(z.enum(['gateway'])),
  }),
  approval: z._default(
    z.strictObject({
      rotation: z._default(z.enum(['never', 'required']), 'never'),
      revocation: z._default(z.enum(['never', 'required']), 'never'),
    }),
    { rotation: 'never', revocation: 'never' },
  ),
  entitlements: z._default(z.array(label), []),
  evidence: z._default(z.strictObject({ retention: duration('30d', '3650d') }), { retention: '400d' }),
  controls: z._default(z.array(label).check(z.maxLength(24)), []),
  exceptions: z._default(
    z.array(
      z.strictObject({
        gap: label,
        reason: z.string().check(z.minLength(8), z.maxLength(512)),
        until: z.iso.date(),
      }),
    ),
    [],
  ),
});

/** One identity's policy, parsed. `target` still holds the kind's own fields, which its connector parses. */
export type Policy = z.infer<typeof policySchema>;
