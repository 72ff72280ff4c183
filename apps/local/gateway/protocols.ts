import { randomUUID } from 'node:crypto';
import { decodeFunctionUrl, encodeFunctionUrl } from '../lambda/function-url';
import { ServiceError } from '../service';
import type { SignedRequest } from './sigv4';
import { decodeInvoke, decodeS3, encodeInvoke, encodeS3 } from './rest';
import type { Answer, ApiCall } from './wire';
import { xml } from './xml';

/** How one family of clients writes requests and reads answers. */
export interface Protocol {
  decode(request: SignedRequest): ApiCall;
  encode(action: string, result: unknown, request: SignedRequest): Answer;
  encodeError(error: ServiceError): Answer;
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};

function parseJson(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    return asRecord(JSON.parse(body.toString('utf8')));
  } catch {
    throw new ServiceError('SerializationException', 'The request body is not JSON; nothing was changed.');
  }
}

/** JSON with times as epoch seconds and bytes as base64, which is how AWS JSON protocols write them. */
const wireJson = (result: unknown) =>
  JSON.stringify(result ?? {}, function (this: unknown, key: string, value: unknown) {
    const raw = asRecord(this)[key];
    if (raw instanceof Date) return raw.getTime() / 1000;
    if (raw instanceof Uint8Array) return Buffer.from(raw).toString('base64');
    return value;
  });

/** AWS JSON 1.0 and 1.1: DynamoDB, Secrets Manager, KMS, Step Functions, EventBridge. */
const json = (version: '1.0' | '1.1'): Protocol => {
  const type = { 'content-type': `application/x-amz-json-${version}` };
  const answer = (status: number, body: string) => {
    return { status, headers: { ...type, 'x-amzn-requestid': randomUUID() }, body };
  };
  return {
    decode: ({ headers, body }) => ({
      action: (headers['x-amz-target'] ?? '').split('.').at(-1) ?? '',
      input: parseJson(body),
    }),
    encode: (_action, result) => answer(200, wireJson(result)),
    encodeError: ({ status, code, message }) => answer(status, JSON.stringify({ __type: code, message })),
  };
};

/** Whose fault an error is, in the words of a protocol. */
const blame = <T>({ status }: ServiceError, caller: T, service: T) => (status < 500 ? caller : service);

/** Form-encoded requests, XML answers: STS and SNS. */
const query = (namespace: string): Protocol => {
  const headers = { 'content-type': 'text/xml' };
  return {
    decode: ({ body }) => {
      const { Action = '', ...input } = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
      return { action: Action, input };
    },
    encode: (action, result) => {
      const answer = { [`${action}Result`]: result ?? {}, ResponseMetadata: { RequestId: randomUUID() } };
      return { status: 200, headers, body: xml(`${action}Response`, answer, `xmlns="${namespace}"`) };
    },
    encodeError: (error) => {
      const { status, code: Code, message: Message } = error;
      const Error = { Type: blame(error, 'Sender', 'Receiver'), Code, Message };
      return { status, headers, body: xml('ErrorResponse', { Error, RequestId: randomUUID() }) };
    },
  };
};

const restJson: Protocol = {
  decode: (request) => decodeFunctionUrl(request) ?? decodeInvoke(request),
  encode: (action, result) => (action === 'InvokeUrl' ? encodeFunctionUrl(result) : encodeInvoke(result)),
  encodeError: (error) => {
    const { status, code, message } = error;
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
    return { status, headers, body: JSON.stringify({ Type: blame(error, 'User', 'Service'), message }) };
  },
};

const restXml: Protocol = {
  decode: decodeS3,
  encode: encodeS3,
  encodeError: ({ status, code: Code, message: Message }) => ({
    status,
    headers: { 'content-type': 'application/xml' },
    body: xml('Error', { Code, Message, RequestId: randomUUID() }),
  }),
};

/** What an answer to nobody known is written in. */
export const JSON_1_0 = json('1.0');

/** Protocol by the service name in the credential scope, as the SDK v3 clients of 3.116x speak them. */
export const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  dynamodb: JSON_1_0,
  states: JSON_1_0,
  secretsmanager: json('1.1'),
  kms: json('1.1'),
  events: json('1.1'),
  lambda: restJson,
  s3: restXml,
  sts: query('https://sts.amazonaws.com/doc/2011-06-15/'),
  sns: query('http://sns.amazonaws.com/doc/2010-03-31/'),
};
