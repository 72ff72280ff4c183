import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Failure, type Effect, type FailureCode } from '../core/failure';
import { reachOf } from './address';

/** All addresses of a host name, as the system resolver gives them. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The system resolver. */
export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map((found) => found.address);

/** One request to an address of the policy's host and nowhere else. */
export interface PinnedRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, under the content type that `headers` gives it, else application/json. */
  readonly body?: unknown;
  /** Sent as `application/x-www-form-urlencoded`, in place of `body`. */
  readonly form?: Readonly<Record<string, string>>;
  /** Certificates in PEM form to trust instead of the system's. */
  readonly ca?: string;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** By names in small letters; `date` is the far side's own clock (RFC 9110, section 6.6.1). */
  readonly headers: IncomingMessage['headers'];
}

/** A request that got no answer that can be read. `rawCode` is the errno, or a word for what happened on our side. */
export class RequestFailure extends Failure {
  readonly rawCode: string;

  constructor(code: FailureCode, message: string, effect: Effect, rawCode: string) {
    super(code, message, effect);
    this.rawCode = rawCode;
  }
}

/** Answers longer than this many bytes are not read to their end. */
export const answerCapBytes = 64 * 1024;

interface Progress {
  /** A connection stood, so the request may have arrived. */
  connected: 'no' | 'yes';
}

/**
 * Sends one request. The host is resolved once, every address it resolves to must be allowed, and the connection goes
 * to those addresses only, so a name that changes between check and use gains nothing. Redirects are returned as they
 * are, proxy settings of the environment are not read.
 * @throws Failure `TargetRejected` for an address that is not allowed or an answer over the cap, `TargetUnreachable`
 * for everything the network does, both as RequestFailure; the effect is `unknown` for anything but a GET that may have
 * arrived. Bodies are never quoted.
 */
export async function sendPinned(request: PinnedRequest, resolve: Resolve): Promise<Answer> {
  const signal = AbortSignal.timeout(request.timeoutMs);
  const progress: Progress = { connected: 'no' };
  try {
    const addresses = await beforeAbort(resolveHost(request, resolve), signal);
    for (const address of addresses) assertAllowed(request, address);
    const response = await send(request, addresses, signal, progress);
    const { statusCode: status = 0, headers } = response;
    return { status, body: await readBody(request, response), headers };
  } catch (error) {
    if (error instanceof Failure) throw error;
    const cause = signal.aborted ? `no answer within ${request.timeoutMs} ms` : codeOf(error);
    throw new RequestFailure(
      'TargetUnreachable',
      `${request.method} ${shown(request.url)}: ${cause}. ${sentence(effectOf(request, progress))}`,
      effectOf(request, progress),
      signal.aborted ? 'TIMEOUT' : codeOf(error),
    );
  }
}

/** A URL as messages show it: without credentials, query and fragment. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

async function resolveHost({ url }: PinnedRequest, resolve: Resolve): Promise<readonly string[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  const addresses = await resolve(host);
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  return addresses;
}

function assertAllowed({ url, allowPrivate }: PinnedRequest, address: string): void {
  const reach = reachOf(address);
  switch (reach) {
    case 'public':
      return;
    case 'private':
      if (allowPrivate) return;
      throw refusedAddress(
        url,
        `${address}, a private address; the policy entry must say allowPrivate: true for that`,
      );
    case 'forbidden':
      throw refusedAddress(
        url,
        `${address}, a link-local, metadata or reserved address; no policy can allow it`,
      );
    default:
      return reach satisfies never;
  }
}

function refusedAddress(url: URL, what: string): Failure {
  const message = `${url.hostname} is ${what}. Nothing was sent.`;
  return new RequestFailure('TargetRejected', message, 'none', 'ADDRESS_NOT_ALLOWED');
}

function send(
  request: PinnedRequest,
  addresses: readonly string[],
  signal: AbortSignal,
  progress: Progress,
): Promise<IncomingMessage> {
  const { url, method } = request;
  const secure = url.protocol === 'https:';
  const payload = payloadOf(request);
  const headers = {
    accept: 'application/json',
    ...(payload && { 'content-type': payload.type }),
    ...request.headers,
    ...(payload && { 'content-length': Buffer.byteLength(payload.text) }),
  };
  return new Promise((answered, failed) => {
    // agent: false is a fresh agent without keep-alive, which also never takes a proxy from the environment.
    const trust = request.ca === undefined ? {} : { ca: request.ca };
    const lookedUp = pinnedTo(addresses);
    const options = { method, headers, signal, agent: false, lookup: lookedUp, ...trust } as const;
    const outgoing = (secure ? tlsRequest : plainRequest)(url, options, answered);
    outgoing.on('error', failed);
    outgoing.once('socket', (socket) =>
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        progress.connected = 'yes';
      }),
    );
    outgoing.end(payload?.text);
  });
}

function payloadOf({
  body,
  form,
}: PinnedRequest): { readonly type: string; readonly text: string } | undefined {
  if (form !== undefined)
    return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(form).toString() };
  return body === undefined ? undefined : { type: 'application/json', text: JSON.stringify(body) };
}

function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    if (options.all === true) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family ?? 4);
  };
}

async function readBody(request: PinnedRequest, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > answerCapBytes) {
      const message = `${request.method} ${shown(request.url)} answered with more than ${answerCapBytes} bytes`;
      const effect = effectOf(request, { connected: 'yes' });
      throw new RequestFailure('TargetRejected', message, effect, 'ANSWER_TOO_LONG');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
  return await Promise.race([work, aborted]);
}

function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function effectOf(request: PinnedRequest, progress: Progress): Effect {
  return request.method !== 'GET' && progress.connected === 'yes' ? 'unknown' : 'none';
}

function sentence(effect: Effect): string {
  return effect === 'none' ? 'Nothing was changed.' : 'The request may have arrived.';
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'connection failed';
}
