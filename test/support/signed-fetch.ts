import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod/mini';
import type { ClientConfig } from './engine-cloud';

/** A signed request to a service whose SDK client is not a dependency (Lambda, STS, SNS, EventBridge). */
export async function signedFetch(
  { endpoint, region, credentials }: ClientConfig,
  request: {
    readonly service: string;
    /** POST when absent. */
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string;
  },
): Promise<Response> {
  const { host, hostname } = new URL(endpoint);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const keys = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  const signer = new SignatureV4({ service: request.service, region, credentials: keys, sha256: Sha256 });
  const { method = 'POST', path = '/', body } = request;
  const signed = await signer.sign({
    method,
    protocol: 'http:',
    hostname,
    path,
    headers: { host, ...request.headers },
    body,
  });
  return fetch(`${endpoint}${path}`, {
    method,
    headers: signed.headers,
    ...(body === undefined ? {} : { body }),
  });
}

/** Invokes a function over Lambda's own API. */
export async function invokeFunction(client: ClientConfig, name: string, payload: unknown) {
  const path = `/2015-03-31/functions/${name}/invocations`;
  const response = await signedFetch(client, { service: 'lambda', path, body: JSON.stringify(payload) });
  const answer = z.record(z.string(), z.unknown()).parse(await response.json());
  return {
    status: response.status,
    functionError: response.headers.get('x-amz-function-error'),
    payload: answer,
  };
}
