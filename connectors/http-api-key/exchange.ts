import type { Call } from '../../core/call';
import { answerFailure } from '../../net/answer-failure';
import { parsed } from '../../net/json';
import { type Answer, sendPinned, shown, systemResolve } from '../../net/pinned-request';
import type { AdminRequest } from './schema';
import type { KeyTarget } from './target';
import { filled, filledJson, type Values } from './template';

/** Part of a call's time that one request may take: several make up one verb. */
const SHARE = 0.3;

/** What the admin side said: done, or nothing to do. Everything else is thrown. */
export interface Told {
  readonly state: 'done' | 'alreadySo';
  readonly body: unknown;
}

/**
 * One request to the admin side of the service, or of its gateway.
 * @throws Failure by status: AdminRightsMissing, TargetThrottled, TargetUnreachable, TargetRejected; bodies are never quoted
 */
export async function ask(
  target: KeyTarget,
  base: string,
  request: AdminRequest,
  values: Values,
  call: Call,
): Promise<Told> {
  const url = below(base, filled(request.path, values, encodeURIComponent));
  const answer = await send(target, { ...request, url }, values, Math.floor(call.timeoutMs * SHARE));
  if (request.success.includes(answer.status)) return { state: 'done', body: parsed(answer.body) };
  if (request.alreadySo.includes(answer.status)) return { state: 'alreadySo', body: undefined };
  const { status } = answer;
  throw answerFailure({
    method: request.method,
    status,
    said: `${request.method} ${shown(url)} answered HTTP ${status}`,
    rights:
      'The authority of the secret does not suffice; connectors/http-api-key/README.md lists what it takes',
    next: 'The policy lists no such answer under success or alreadySo',
  });
}

/** Sends a request of the policy, filled in, to the address it names and nowhere else. */
export async function send(
  { allowPrivate, ca }: Pick<KeyTarget, 'allowPrivate' | 'ca'>,
  request: Pick<AdminRequest, 'method' | 'headers' | 'body'> & { readonly url: URL },
  values: Values,
  timeoutMs: number,
): Promise<Answer> {
  const { method, url, body } = request;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, text]) => [name.toLowerCase(), filled(text, values)]),
  );
  const payload = body === undefined ? {} : { body: filledJson(body, values) };
  const trust = ca === undefined ? {} : { ca };
  return sendPinned(
    { method, url, headers, timeoutMs: Math.max(1, timeoutMs), allowPrivate, ...payload, ...trust },
    systemResolve,
  );
}

function below(base: string, path: string): URL {
  return new URL(`${base.replace(/\/+$/, '')}${path}`);
}

/** A field of a JSON value, by a name with dots; undefined when it is not there. */
export function fieldOf(value: unknown, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>(
      (inner, part) =>
        inner !== null && typeof inner === 'object' && Object.hasOwn(inner, part)
          ? Reflect.get(inner, part)
          : undefined,
      value,
    );
}

/** As `fieldOf`, where only a text that is not empty will do. */
export function textOf(value: unknown, name: string): string | undefined {
  const found = fieldOf(value, name);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
