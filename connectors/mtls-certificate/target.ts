import { isIP } from 'node:net';
import * as z from 'zod/mini';
import type { Subject } from '../../core/call';
import type { Pace } from '../../core/connector';
import { everyTarget, parsedTarget, statedPace } from '../../core/parsed-target';
import { PROVABLE_ALERTS, USUAL_ALERTS } from './alerts';

const pemError = 'want certificates in PEM form';
const pem = z.string(pemError).check(z.regex(/-----BEGIN CERTIFICATE-----/, pemError));
const hostError = 'want a host name or an IP address, without port or scheme';
const host = z.string(hostError).check(
  z.maxLength(253),
  z.refine((text) => /^[A-Za-z0-9.-]+$/.test(text) || isIP(text) !== 0, { error: hostError }),
);
const nameError = 'want 1 to 64 of letters, digits, dots, hyphens and underscores';
const api = z
  .url({ protocol: /^https$/, error: 'want the https URL of the admin API: keys go over it' })
  .check(
    z.refine((text) => !/[?#]|\/\/[^/]*@/.test(text), {
      error: 'want a URL without user, query and fragment',
    }),
  );
const names = z._default(z.array(host).check(z.maxLength(16)), []);
const whole = (from: number, to: number, fallback: number) =>
  z._default(z.int().check(z.minimum(from), z.maximum(to)), fallback);

/** The longest a certificate may be valid, in days. */
export const MOST_DAYS = 825;

/** TLS versions a handshake is made with. */
const version = z.enum(['TLSv1.2', 'TLSv1.3'], 'want TLSv1.2 or TLSv1.3');
/** One version of the protocol. */
export type TlsVersion = z.infer<typeof version>;

/** The kind's own fields of `target`, README section Policy. */
export const targetSchema = z.strictObject({
  ...everyTarget,
  host,
  port: z.int().check(z.minimum(1), z.maximum(65_535)),
  /** The name the endpoint's certificate has to be for; `host` when absent. */
  serverName: z.optional(host),
  /** What the endpoint's own certificate is checked against. */
  trust: pem,
  /** The authority that clients are issued by and that signs the list; `trust` when absent. */
  authority: z.optional(pem),
  api,
  /** What the admin API's certificate is checked against; the system's authorities when absent. */
  apiTrust: z.optional(pem),
  allowPrivate: z._default(z.boolean(), false),
  versions: z._default(z.array(version).check(z.minLength(1), z.maxLength(2)), ['TLSv1.2', 'TLSv1.3']),
  certificate: z.strictObject({
    commonName: z.string(nameError).check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, nameError)),
    names,
    days: whole(1, MOST_DAYS, 90),
    /** How far `notBefore` lies before the endpoint's time, for clocks of consumers that are behind. */
    backdateSeconds: whole(0, 86_400, 300),
  }),
  /** With it every rotation also makes a pair for the endpoint itself. */
  server: z.optional(z.strictObject({ names: z.array(host).check(z.minLength(1), z.maxLength(16)) })),
  probe: z._default(
    z.strictObject({
      path: z._default(
        z.string().check(z.regex(/^\/[^\s?#]{0,200}$/, 'want a path that begins with a slash')),
        '/whoami',
      ),
      alerts: z._default(z.array(z.enum(PROVABLE_ALERTS)).check(z.maxLength(8)), [...USUAL_ALERTS]),
    }),
    { path: '/whoami', alerts: [...USUAL_ALERTS] },
  ),
  pace: z._default(
    z.strictObject({
      /** What the endpoint says it takes until every worker uses a new list. */
      propagationSeconds: whole(0, 60, 0),
      windowSeconds: whole(0, 15, 0),
      refusals: whole(3, 20, 3),
      periodMs: whole(20, 5_000, 100),
    }),
    { propagationSeconds: 0, windowSeconds: 0, refusals: 3, periodMs: 100 },
  ),
});

/** A parsed target. */
export type TlsTarget = z.infer<typeof targetSchema>;

/** How long probing goes on beyond what the policy names, in seconds. */
const PATIENCE_SECONDS = 15;

/**
 * The target of a subject.
 * @throws Failure InvalidInput naming the field and what is allowed; nothing was changed
 */
export function targetOf(subject: Pick<Subject, 'identityId' | 'target'>): TlsTarget {
  return parsedTarget(targetSchema, subject);
}

/** The pace a policy states. */
export function paceOf(target: unknown): Pace {
  return statedPace(targetOf({ identityId: 'mtls-certificate', target }).pace, PATIENCE_SECONDS);
}
