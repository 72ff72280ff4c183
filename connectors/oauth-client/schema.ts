import * as z from 'zod/mini';

const urlError = 'want an http or https URL without user, password, query and fragment';
const url = z.string(urlError).check(
  z.maxLength(512),
  z.refine((text) => /^https?:\/\/[^/?#@\s]+(\/[^?#@\s]*)?$/.test(text) && URL.canParse(text), {
    error: urlError,
  }),
);

const nameError = 'want a field name of letters, digits, hyphens and underscores';
const name = z.string(nameError).check(z.regex(/^[A-Za-z0-9_-]{1,128}$/, nameError));

const whole = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most));

const scopeError = 'want scopes of RFC 6749, separated by one space';
const scope = z
  .string(scopeError)
  .check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, scopeError), z.maxLength(512));

/** A resource server that accepts tokens of the issuer, and a call there that changes nothing. */
const resource = z.strictObject({
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'want up to 32 small letters, digits, hyphens')),
  /** Called with GET and a bearer token. */
  url,
  /** The field of its JSON answer that says for which client the token was issued. */
  client: z._default(name, 'client_id'),
});

const day = 86_400;

/** The kind's own fields of `target`. */
export const fields = {
  /** Token endpoint (RFC 6749, section 3.2). */
  token: url,
  /** Client registration endpoint: POST makes a client (RFC 7591), one below it is a client's own (RFC 7592). */
  registration: z.strictObject({
    url,
    /** Where clients are listed with GET, if elsewhere. */
    list: z.optional(url),
    /** The field of that answer which holds the clients; without it the answer itself is the list. */
    items: z.optional(name),
    /** The query parameter that narrows the list to one `software_id`, where the issuer has one. */
    filter: z.optional(name),
    /** Sent along with each new client, beside what this kind sets itself. */
    metadata: z._default(z.record(z.string(), z.json()), {}),
  }),
  /** For the strategy second-secret: where a client's secrets are made, listed and deleted. */
  secrets: z.optional(
    z.strictObject({
      /** Below the client's own URL: POST makes one, GET lists them, DELETE of one below it takes it away. */
      path: z
        .string()
        .check(z.regex(/^(\/[A-Za-z0-9_-]{1,64}){1,4}$/, 'want a path such as /credentials/secrets')),
      id: z._default(name, 'id'),
      value: z._default(name, 'client_secret'),
      /** The field that keeps a word of ours: without one, a secret that a dead run left cannot be found again. */
      label: z.optional(name),
    }),
  ),
  /** Asked for with every token, and registered for every client. */
  scope: z.optional(scope),
  /** Resource indicator (RFC 8707), where the issuer wants one. */
  audience: z.optional(z.string().check(z.regex(/^[a-z][a-z0-9+.-]*:[^\s#]+$/, 'want an absolute URI'))),
  tokens: z.strictObject({
    /** The longest life of an access token, by the issuer’s documentation. */
    seconds: whole(1, 90 * day),
    /** How far a resource server tolerates clocks to differ. */
    skewSeconds: z._default(whole(0, 600), 60),
    /** How long a resource server keeps what it was told about a token. */
    cacheSeconds: z._default(whole(0, 3_600), 0),
    /** What ends tokens of a client that is gone: their expiry only, introspection, or a deny list by client. */
    end: z._default(
      z.enum(['expiry', 'introspection', 'denyList'], 'want expiry, introspection or denyList'),
      'expiry',
    ),
  }),
  resources: z._default(z.array(resource).check(z.maxLength(8)), []),
  /** Base URL of a deny list that the resource servers obey: PUT below it denies a client. */
  denyList: z.optional(url),
  allowPrivate: z._default(z.boolean(), false),
  ca: z.optional(z.string().check(z.regex(/-----BEGIN CERTIFICATE-----/, 'want certificates in PEM form'))),
  pace: z._default(
    z.strictObject({
      propagationSeconds: z._default(whole(0, 60), 0),
      windowSeconds: z._default(whole(0, 15), 0),
      refusals: z._default(whole(3, 20), 3),
      periodMs: z._default(whole(20, 5_000), 500),
    }),
    { propagationSeconds: 0, windowSeconds: 0, refusals: 3, periodMs: 500 },
  ),
};
