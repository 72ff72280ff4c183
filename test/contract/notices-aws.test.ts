import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeNotices } from '../../adapters/aws/notices';
import { brokenGlassNotice } from '../../core/notice/of-person';
import { listenOnLoopback } from '../support/loopback';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

// The SDK's notice about Node 20 is not what these tests are about.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

let server: Server;
let bus: EventBridgeNotices;
let answers: Answer[];
let asked: number;
let client: DynamoDBClient;

beforeEach(async () => {
  asked = 0;
  server = createServer((request, response) => {
    asked += 1;
    request.resume();
    answers.shift()?.(request, response);
  });
  const endpoint = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  bus = new EventBridgeNotices({ config: client.config, endpoint, timeoutMs: 300 });
});
afterEach(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const about = { runId: 'run-1', ledgerId: 'gapless/test', kind: 'revocation', identityId: 'orders-db' };
const person = { ...about, owner: 'payments', deadline: null, at: '2026-11-25T10:00:00.000Z' };
const send = () => bus.send([brokenGlassNotice(person, 'alice')]);

const gone: Answer = (request) => request.socket.destroy();
const says =
  (status: number, body: string): Answer =>
  (_request, response) =>
    response.writeHead(status).end(body);
const taken = says(200, '{"FailedEntryCount":0,"Entries":[]}');

test('a connection that is gone is replaced by another, once', async () => {
  answers = [gone, taken];
  await send();
  answers = [gone, gone, taken];
  await expect(send()).rejects.toThrow('events:PutEvents did not take 1 notices of run run-1: ECONNRESET.');
  expect(asked).toBe(4);
});

test('an answer that does not come, or ends halfway, is not waited for', async () => {
  answers = [() => undefined, () => undefined];
  await expect(send()).rejects.toThrow('no answer in time');
  answers = [(_request, response) => response.writeHead(200).write('{"Failed')];
  await expect(send()).rejects.toMatchObject({ name: 'StoreUnavailable', effect: 'unknown' });
});

test('an event that was turned away, and a refusal, are told', async () => {
  answers = [says(200, '{"FailedEntryCount":1,"Entries":[]}')];
  await expect(send()).rejects.toThrow('1 were turned away');
  answers = [says(400, '{"__type":"AccessDeniedException"}')];
  await expect(send()).rejects.toThrow('HTTP 400');
  expect(asked).toBe(2);
});
