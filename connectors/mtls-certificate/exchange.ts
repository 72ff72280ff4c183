import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { checkServerIdentity, TLSSocket } from 'node:tls';
import { reachOf } from '../../net/address';
import { systemResolve } from '../../net/pinned-request';
import { type Alert, alertOf } from './alerts';
import type { TlsTarget, TlsVersion } from './target';

/** One handshake to make: where to, with which version, as whom, and for how long. */
export interface Handshake {
  readonly host: string;
  readonly port: number;
  readonly version: TlsVersion;
  readonly certificate: string;
  readonly key: string;
  readonly timeoutMs: number;
}

/**
 * What one fresh handshake and the first application bytes behind it came to. An alert that is `protected` came under
 * the keys of a handshake in which the endpoint had shown who it is; one that is `plain` may be anybody's on the way.
 */
export type Exchange =
  | { readonly end: 'answer'; readonly status: number; readonly body: string; readonly served: string }
  | { readonly end: 'alert'; readonly alert: Alert; readonly sent: 'protected' | 'plain' }
  | { readonly end: 'nothing'; readonly code: string };

const CAP_BYTES = 16 * 1024;

/**
 * Makes one handshake of one TLS version, sends a request and reads the answer. In TLS 1.3 a client is done before the
 * endpoint has looked at its certificate (RFC 8446, 4.4.2.4 and 6.2), so only what comes back for the first
 * application bytes says whether it was taken.
 */
export async function exchange(target: TlsTarget, handshake: Handshake): Promise<Exchange> {
  const { host, timeoutMs } = handshake;
  const signal = AbortSignal.timeout(timeoutMs);
  let shown: 'nobody' | 'endpoint' = 'nobody';
  try {
    const addresses = isIP(host) === 0 ? await beforeAbort(systemResolve(host), signal) : [host];
    if (!addresses.every((address) => isAllowed(target, address)))
      return { end: 'nothing', code: 'ADDRESS_NOT_ALLOWED' };
    const options = { ...optionsOf(target, handshake), signal, lookup: pinnedTo(addresses) };
    const response = await answerTo(options, () => {
      shown = 'endpoint';
    });
    return await read(response);
  } catch (error) {
    const alert = alertOf(error);
    if (alert === undefined) return { end: 'nothing', code: signal.aborted ? 'TIMEOUT' : codeOf(error) };
    return { end: 'alert', alert, sent: shownBy() === 'endpoint' ? 'protected' : 'plain' };
  }

  function shownBy(): 'nobody' | 'endpoint' {
    return shown;
  }
}

function optionsOf(target: TlsTarget, handshake: Handshake): RequestOptions {
  const { host, port, version, certificate, key } = handshake;
  const name = target.serverName ?? target.host;
  return {
    host,
    port,
    path: target.probe.path,
    method: 'GET',
    headers: { host: name, accept: 'application/json' },
    // No connection that stands already, no session to resume, no proxy of the environment.
    agent: false,
    // SNI takes names only (RFC 6066, 3); an address is still what the endpoint's certificate has to be for.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificateShown) => checkServerIdentity(name, certificateShown),
    ca: target.trust,
    cert: certificate,
    key,
    minVersion: version,
    maxVersion: version,
  };
}

function answerTo(options: RequestOptions, onShown: () => void): Promise<IncomingMessage> {
  return new Promise((answered, failed) => {
    const outgoing = request(options, answered);
    outgoing.on('error', failed);
    outgoing.once('socket', (socket) => socket.once('secureConnect', onShown));
    outgoing.end();
  });
}

async function read(response: IncomingMessage): Promise<Exchange> {
  const { socket, statusCode } = response;
  if (!(socket instanceof TLSSocket) || socket.isSessionReused()) return { end: 'nothing', code: 'RESUMED' };
  const served = socket.getPeerX509Certificate()?.fingerprint256 ?? '';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > CAP_BYTES) return { end: 'nothing', code: 'ANSWER_TOO_LONG' };
    chunks.push(chunk);
  }
  return { end: 'answer', status: statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8'), served };
}

/** The resolver of the system knows no time limit of its own. */
async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
  return await Promise.race([work, aborted]);
}

function isAllowed({ allowPrivate }: TlsTarget, address: string): boolean {
  const reach = reachOf(address);
  return reach === 'public' || (reach === 'private' && allowPrivate);
}

function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    if (options.all === true) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family ?? 4);
  };
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'CONNECTION_FAILED';
}
