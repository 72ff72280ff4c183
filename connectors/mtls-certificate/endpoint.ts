import * as z from 'zod/mini';
import type { Call, Subject } from '../../core/call';
import { Failure } from '../../core/failure';
import { answerFailure } from '../../net/answer-failure';
import { parsed } from '../../net/json';
import { type Answer, sendPinned, systemResolve } from '../../net/pinned-request';
import type { TlsTarget } from './target';

const instant = z.iso.datetime();
const serial = z.string().check(z.regex(/^([0-9a-f]{2}){1,20}$/));

const state = z.object({
  /** The endpoint's own clock. */
  now: instant,
  /** What the token of this request may do. */
  scope: z.enum(['read', 'write']),
  /** Changes with every reload; a reload names the one it was made from. */
  revision: z.int(),
  /** The list in use, PEM; empty before the first one. */
  crl: z.string(),
  /** SHA-256 of the certificate it shows, as `X509Certificate.fingerprint256` writes it. */
  serving: z.string(),
  certificates: z.array(z.object({ serial, owner: z.string(), run: z.optional(z.string()) })),
});
/** What the endpoint says it enforces. */
export type EndpointState = z.infer<typeof state>;

const sessions = z.object({
  now: instant,
  /** Session tickets made before this time are not taken any more. */
  ticketsSince: instant,
  /** When the list in use came into use, and the revision whose list that is. */
  enforcedSince: instant,
  enforced: z.int(),
  sessions: z.array(z.object({ id: z.string(), serial, since: instant })),
});
/** Connections that are open. */
export type OpenSessions = z.infer<typeof sessions>;

/** One change of what the endpoint enforces: all of it or nothing. */
export interface Reload {
  readonly owner: string;
  readonly fence: number;
  readonly revision: number;
  readonly trust: string;
  readonly crl: string;
  readonly register?: { readonly serial: string; readonly run: string };
  readonly forget?: string;
  readonly server?: { readonly certificate: string; readonly key: string };
}

/** A call to the admin API of a subject's endpoint. */
export interface Asked {
  readonly subject: Subject;
  readonly target: TlsTarget;
  readonly call: Call;
}

/** Reads what the endpoint enforces. */
export async function readState(asked: Asked): Promise<EndpointState> {
  return understood(asked, state, await ask(asked, 'GET', '/state'));
}

/** `moved`: somebody else's reload came in between; read the state again. Throws FenceLost under an older fence. */
export async function reload(asked: Asked, change: Reload): Promise<EndpointState | 'moved'> {
  const answer = await ask(asked, 'POST', '/reload', change);
  if (answer.status !== 409) return understood(asked, state, answer);
  const conflict = z.object({ error: z.enum(['revision', 'fence']) });
  if (understood(asked, conflict, answer).error === 'revision') return 'moved';
  const message = `${asked.subject.identityId}: the endpoint was changed under a higher fence than ${change.fence}: a newer run owns it. Nothing was changed`;
  throw new Failure('FenceLost', message, 'none');
}

/** The open connections of a serial number. */
export async function readSessions(asked: Asked, of: string): Promise<OpenSessions> {
  return understood(asked, sessions, await ask(asked, 'GET', `/sessions/${of}`));
}

/** Closes connections by id; those that are gone already are none. */
export async function closeSessions(asked: Asked, ids: readonly string[]): Promise<void> {
  await ask(asked, 'POST', '/sessions/close', { ids });
}

async function ask(
  { target, call }: Asked,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  const token = call.authority.reveal('token');
  if (token === undefined || token === '') {
    const message =
      'the secret of target.admin or target.control has no field token. Nothing was sent. Add it to the secret';
    throw new Failure('AdminSecretMissing', message, 'none');
  }
  const url = new URL(`${target.api.replace(/\/+$/, '')}${path}`);
  const { allowPrivate, apiTrust } = target;
  const answer = await sendPinned(
    {
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      timeoutMs: call.timeoutMs,
      allowPrivate,
      ...(body !== undefined && { body }),
      ...(apiTrust !== undefined && { ca: apiTrust }),
    },
    systemResolve,
  );
  if (answer.status === 200 || answer.status === 409) return answer;
  const { status } = answer;
  throw answerFailure({
    method,
    status,
    said: `${method} ${path} of the admin API answered HTTP ${status}`,
    rights: 'The token does not suffice; connectors/mtls-certificate/README.md lists what it takes',
    next: 'Compare the endpoint with the README',
  });
}

function understood<T>({ subject }: Asked, schema: z.ZodMiniType<T>, { body }: Answer): T {
  const read = schema.safeParse(parsed(body));
  if (read.success) return read.data;
  const field = read.error.issues[0]?.path.join('.') ?? '';
  const message = `${subject.identityId}: the admin API answered something that is not understood (field ${field || 'none'}). Compare the endpoint with connectors/mtls-certificate/README.md`;
  throw new Failure('TargetRejected', message, 'unknown');
}
