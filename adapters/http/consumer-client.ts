import * as z from 'zod/mini';
import type { ConsumerPort, ConsumerSeen, HttpConsumer, ReloadAnswer } from '../../core/consumer';
import { Failure, type Effect } from '../../core/failure';
import { parsed } from '../../net/json';
import {
  type Answer,
  type PinnedRequest,
  type Resolve,
  sendPinned,
  shown,
  systemResolve,
} from '../../net/pinned-request';

/** Where a consumer answers, below its base URL. The endpoint is described in docs/consumers.md. */
export const consumerPaths = { observe: '/gapless/consumer', reload: '/gapless/consumer/reload' } as const;

const count = z.int().check(z.nonnegative());

/** What a consumer may answer. Fields not named here are dropped unread. */
const seenOnTheWire = z.object({
  versionId: z.nullable(z.string().check(z.minLength(1), z.maxLength(64))),
  since: z.optional(z.iso.datetime({ offset: true })),
  calls: z.optional(count),
  failedCalls: z.optional(count),
  longestFailureMs: z.optional(z.number().check(z.nonnegative())),
});

/** Asks a consumer over HTTP where it stands. `resolve` replaces the system resolver. */
export function observing(resolve: Resolve = systemResolve): ConsumerPort['observe'] {
  return async (consumer, timeoutMs) => {
    const request = requestTo(consumer, 'GET', consumerPaths.observe, timeoutMs);
    const answer = await sendPinned(request, resolve);
    if (answer.status === 200) return parseSeen(consumer, request.url, answer.body);
    throw unexpected(consumer, request, answer);
  };
}

/** Consumers asked and told over HTTP. */
export function httpConsumers(resolve: Resolve = systemResolve): ConsumerPort {
  return {
    observe: observing(resolve),

    async reload(consumer, versionId, timeoutMs) {
      const request = {
        ...requestTo(consumer, 'POST', consumerPaths.reload, timeoutMs),
        body: { versionId },
      };
      const answer = await sendPinned(request, resolve);
      return reloadAnswers[answer.status] ?? raise(unexpected(consumer, request, answer));
    },
  };
}

const reloadAnswers: Readonly<Record<number, ReloadAnswer>> = {
  200: 'alreadyOn',
  202: 'accepted',
  409: 'refused',
};

function requestTo(
  consumer: HttpConsumer,
  method: PinnedRequest['method'],
  path: string,
  timeoutMs: number,
): PinnedRequest {
  const url = baseUrlOf(consumer);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
  return { url, method, timeoutMs, allowPrivate: consumer.allowPrivate === true };
}

function baseUrlOf(consumer: HttpConsumer): URL {
  const url = URL.canParse(consumer.url) ? new URL(consumer.url) : undefined;
  const usable =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    !url.username &&
    !url.password &&
    !url.search &&
    !url.hash;
  if (usable) return url;
  // Not quoted: a URL that is refused may carry a password or a token.
  const allowed = 'an http or https URL without user, password, query and fragment';
  throw new Failure(
    'InvalidInput',
    `consumer ${consumer.id}: url must be ${allowed}. Nothing was sent; correct the policy.`,
    'none',
  );
}

function parseSeen(consumer: HttpConsumer, url: URL, body: string): ConsumerSeen {
  const read = seenOnTheWire.safeParse(parsed(body));
  if (read.success) {
    const { versionId, since, calls, failedCalls, longestFailureMs } = read.data;
    return {
      versionId: versionId ?? undefined,
      ...(since === undefined ? {} : { since }),
      ...(calls === undefined ? {} : { calls }),
      ...(failedCalls === undefined ? {} : { failedCalls }),
      ...(longestFailureMs === undefined ? {} : { longestFailureMs }),
    };
  }
  const fields = read.error.issues.map((issue) => issue.path.join('.') || 'the whole answer');
  throw new Failure(
    'TargetRejected',
    `consumer ${consumer.id}: ${shown(url)} did not answer as docs/consumers.md describes (${fields.join(', ')}). ` +
      'Nothing was changed; correct the endpoint.',
    'none',
  );
}

function unexpected(consumer: HttpConsumer, request: PinnedRequest, { status }: Answer): Failure {
  const said = `consumer ${consumer.id}: ${request.method} ${shown(request.url)} answered ${status}`;
  const effect: Effect = request.method === 'POST' && (status >= 500 || status < 300) ? 'unknown' : 'none';
  if (status === 429) return new Failure('TargetThrottled', `${said}; asked again later.`, 'none');
  if (status >= 500) return new Failure('TargetUnreachable', `${said}; asked again later.`, effect);
  if (status >= 300 && status < 400) {
    const next = 'Redirects are not followed: put the final URL into the policy.';
    return new Failure('TargetRejected', `${said}. ${next}`, 'none');
  }
  const next =
    'Expected are the answers in docs/consumers.md: correct the URL in the policy or the endpoint.';
  return new Failure('TargetRejected', `${said}. ${next}`, effect);
}

function raise(failure: Failure): never {
  throw failure;
}
