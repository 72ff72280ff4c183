import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { SignedRequest } from '../gateway/sigv4';
import type { Answer } from '../gateway/wire';
import { identityOf, type Caller } from '../service';
import type { Surroundings } from '../surroundings';

// On AWS each URL has a host name of its own; here they are paths of the one gateway.
const URL_PATH = /^\/function-url\/([^/]+)(\/.*)$/;

/** Address of a function's URL, under the gateway's. */
export const functionUrlOf = (endpoint: string, name: string) => `${endpoint}/function-url/${name}/`;

/** A request to a function URL as a call of the pseudo action InvokeUrl; undefined for requests to Lambda's own API. */
export function decodeFunctionUrl({ method, target, headers, body }: SignedRequest) {
  const [path = '', query = ''] = target.split('?', 2);
  const [, name, rawPath] = URL_PATH.exec(path) ?? [];
  if (name === undefined) return undefined;
  const request = { method, rawPath, rawQueryString: query, headers, body: body.toString('base64') };
  return { action: 'InvokeUrl', input: { FunctionName: decodeURIComponent(name), Request: request } };
}

/** Input of InvokeUrl. */
export const InvokeUrl = z.object({
  FunctionName: z.string(),
  Request: z.object({
    method: z.string(),
    rawPath: z.string(),
    rawQueryString: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
});

/** Payload format 2.0 with the caller as IAM knows it (Lambda developer guide, "Invoking function URLs"). */
export function urlEvent(
  { Request }: z.infer<typeof InvokeUrl>,
  caller: Caller,
  { place, clock }: Pick<Surroundings, 'place' | 'clock'>,
) {
  const { method, rawPath, body, ...rest } = Request;
  const who = identityOf(place, caller);
  const iam = { accessKey: caller.accessKeyId, accountId: place.account, callerId: who.userId, ...who };
  return {
    version: '2.0',
    rawPath,
    ...rest,
    requestContext: {
      requestId: randomUUID(),
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
      timeEpoch: clock.now(),
      authorizer: { iam },
    },
    ...(body === '' ? {} : { body, isBase64Encoded: true }),
  };
}

const Answered = z.object({
  statusCode: z.number(),
  headers: z.prefault(z.record(z.string(), z.string()), {}),
  body: z.prefault(z.string(), ''),
});

/** What the caller gets; an answer without a status is the body itself, as payload format 2.0 has it. */
export function encodeFunctionUrl(result: unknown): Answer {
  const answer = Answered.safeParse(result).data;
  if (answer) return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(result) };
}
