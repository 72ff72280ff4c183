import * as z from 'zod/mini';

/** Names that stand for a value in a request: `{identity}`, `{run}`, `{id}`, `{key}`, `{authority.<field>}`. */
export const placeholder = /\{([a-z]+(?:\.[A-Za-z0-9_-]+)?)\}/g;

type Place = 'path' | 'header' | 'body';
const known: Readonly<Record<'admin' | 'probe', Readonly<Record<Place, RegExp>>>> = {
  admin: {
    path: /^(identity|run|id)$/,
    header: /^(identity|run|id|authority\.[A-Za-z0-9_-]+)$/,
    body: /^(identity|run|id)$/,
  },
  probe: { path: /^id$/, header: /^(id|key)$/, body: /^(id|key)$/ },
};

function uses(side: 'admin' | 'probe', place: Place): (text: string) => boolean {
  return (text) => [...text.matchAll(placeholder)].every(([, name = '']) => known[side][place].test(name));
}

const urlError = 'want an http or https URL without user, password, query and fragment';
const url = z.string(urlError).check(
  z.maxLength(512),
  z.refine((text) => /^https?:\/\/[^/?#@\s]+(\/[^?#@\s]*)?$/.test(text) && URL.canParse(text), {
    error: urlError,
  }),
);

const fieldError = 'want a field name, with dots for fields inside fields';
const field = z
  .string(fieldError)
  .check(z.regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, fieldError), z.maxLength(128));

const secretError = 'want a placeholder such as {authority.token}: a policy file holds no secret';
const carriesSecret = /^(authorization|cookie|proxy-authorization|.*(key|token|secret).*)$/i;

function headers(side: 'admin' | 'probe') {
  const name = z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/, 'want a header name'));
  const value = z
    .string()
    .check(
      z.regex(/^[\t\x20-\x7e]{0,512}$/, 'want printable ASCII'),
      z.refine(uses(side, 'header'), { error: 'holds a placeholder that is not known here' }),
    );
  return z._default(
    z
      .record(name, value)
      .check(
        z.refine(
          (all) => Object.entries(all).every(([each, text]) => !carriesSecret.test(each) || /\{/.test(text)),
          { error: secretError },
        ),
      ),
    {},
  );
}

const json = z.record(z.string(), z.json());

function body(side: 'admin' | 'probe') {
  const error = 'holds a placeholder that is not known here';
  return z.optional(json.check(z.refine((value) => uses(side, 'body')(JSON.stringify(value)), { error })));
}

const methods = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], 'want GET, POST, PUT, PATCH or DELETE');
const status = z.int().check(z.minimum(200), z.maximum(599));
const pathError = 'want a path below the base URL that begins with a slash';

const admin = {
  method: methods,
  path: z
    .string(pathError)
    .check(
      z.regex(/^\/[^\s#]{0,400}$/, pathError),
      z.refine(uses('admin', 'path'), { error: 'holds a placeholder that is not known here' }),
    ),
  headers: headers('admin'),
  body: body('admin'),
  /** Answers that say it is done. */
  success: z._default(z.array(status).check(z.minLength(1)), [200, 201, 202, 204]),
  /** Answers that say there was nothing to do. */
  alreadySo: z._default(z.array(status), [404, 410]),
};
const adminRequest = z.strictObject(admin);
/** A request to the side that changes keys. */
export type AdminRequest = z.infer<typeof adminRequest>;

const rule = z.strictObject({
  status,
  /** A field of the JSON answer that has to be there; a bare status may come from anything on the way. */
  field,
  /** What it has to say; `{id}` is the key that was presented. */
  equals: z.string().check(z.minLength(1), z.maxLength(128)),
});
/** An answer that proves something. */
export type Rule = z.infer<typeof rule>;

const seconds = (most: number) => z._default(z.int().check(z.minimum(0), z.maximum(most)), 0);

/** The kind's own fields of `target`. */
export const fields = {
  api: url,
  allowPrivate: z._default(z.boolean(), false),
  ca: z.optional(z.string().check(z.regex(/-----BEGIN CERTIFICATE-----/, 'want certificates in PEM form'))),
  create: z.strictObject({ ...admin, answer: z.strictObject({ id: field, key: field }) }),
  list: z.strictObject({
    ...admin,
    answer: z.strictObject({
      items: field,
      id: field,
      owner: field,
      state: field,
      active: z.string().check(z.minLength(1)),
      run: z.optional(field),
      createdAt: z.optional(field),
      lastUsedAt: z.optional(field),
    }),
  }),
  read: z.strictObject({ ...admin, answer: z.strictObject({ owner: field }) }),
  disable: adminRequest,
  delete: adminRequest,
  probe: z.strictObject({
    url,
    method: z._default(methods, 'GET'),
    headers: headers('probe'),
    body: body('probe'),
    accepted: z.array(rule).check(z.minLength(1)),
    refused: z.array(rule).check(z.minLength(1)),
  }),
  gateway: z.optional(
    z.strictObject({
      api: url,
      block: adminRequest,
      unblock: adminRequest,
      /** What it answers for a key that it blocks. */
      refused: z.array(rule).check(z.minLength(1)),
    }),
  ),
  pace: z._default(
    z.strictObject({
      propagationSeconds: seconds(30),
      cacheSeconds: seconds(60),
      windowSeconds: seconds(15),
      refusals: z._default(z.int().check(z.minimum(3), z.maximum(20)), 3),
      periodMs: z._default(z.int().check(z.minimum(20), z.maximum(5_000)), 500),
    }),
    { propagationSeconds: 0, cacheSeconds: 0, windowSeconds: 0, refusals: 3, periodMs: 500 },
  ),
};
