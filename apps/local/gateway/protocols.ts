import { randomUUID } from 'node:crypto';
import { isJson, parseJson } from '../asl/json';
import { decodeFunctionUrl, encodeFunctionUrl } from '../lambda/function-url';
import { ServiceError, type Call } from '../service';
import type { SignedRequest } from './sigv4';
import { decodeInvoke, decodeS3, encodeInvoke, encodeS3 } from './rest';
import type { Answer } from './wire';
import { xml } from './xml';

/** How one family of clients writes requests and reads answers. */
export interface Protocol {
  decode(request: SignedRequest): Pick<Call, 'action' | 'input'>;
  encode(action: string, result: unknown, request: SignedRequest): Answer;
  encodeError(error: ServiceError): Answer;
}

const notJson = () =>
  new ServiceError('SerializationException', 'The request body is not JSON; nothing was changed.');

/** AWS JSON 1.0 and 1.1: DynamoDB, Secrets Manager, KMS, Step Functions, EventBridge. */
const json = (version: '1.0' | '1.1'): Protocol => {
  const type = { 'content-type': `application/x-amz-json-${version}` };
  const answer = (status: number, body: string) => {
    return { status, headers: { ...type, 'x-amzn-requestid': randomUUID() }, body };
  };
  return {
    decode: ({ headers, body }) => {
      const input = body.length === 0 ? {} : parseJson(body.toString('utf8'), notJson);
      return { action: headers['x-amz-target']?.split('.').at(-1) ?? '', input: isJson(input) ? input : {} };
    },
    encode: (_action, result) => answer(200, JSON.stringify(result ?? {})),
    encodeError: ({ status, code, message }) => answer(status, JSON.stringify({ __type: code, message })),
  };
};

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
    encodeError: ({ status, code: Code, message: Message }) => {
      const body = xml('ErrorResponse', { Error: { Code, Message }, RequestId: randomUUID() });
      return { status, headers, body };
    },
  };
};

const restJson: Protocol = {
  decode: (request) => decodeFunctionUrl(request) ?? decodeInvoke(request),
  encode: (action, result) => (action === 'InvokeUrl' ? encodeFunctionUrl(result) : encodeInvoke(result)),
  encodeError: ({ status, code, message }) => {
    const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
    return { status, headers, body: JSON.stringify({ message }) };
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
