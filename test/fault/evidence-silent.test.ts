import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { spillIn } from '../../core/evidence/spill';
import { SpillingEvidence } from '../../core/evidence/spilling';
import { sdk } from '../../lambdas/runtime/sdk';
import { timeoutSeconds } from '../../lambdas/steps/contracts';
import { rotation } from '../support/ledger-scene';
import { listenOnLoopback } from '../support/loopback';

// A DynamoDB that takes every connection and never says a word.

const { runId, run } = rotation('run-a');
const [first, second] = run;
const shortestMs = Math.min(...Object.values(timeoutSeconds)) * 1_000;

let server: Server;
let client: DynamoDBClient;
let requests = 0;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => (requests += 1));
  });
  const port = await listenOnLoopback(server);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new DynamoDBClient({
    ...sdk,
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials,
  });
});
afterAll(async () => {
  client.destroy();
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
});

it('ends, all attempts together, in two thirds of the time of the shortest function', () => {
  const { connectionTimeout, requestTimeout } = sdk.requestHandler;
  expect(connectionTimeout).toBeLessThan(requestTimeout);
  expect(sdk.maxAttempts * requestTimeout).toBeLessThan((shortestMs * 2) / 3);
});

it(
  'costs an emergency one call, within which every attempt was made, and its records are kept in the spill',
  async () => {
    if (!first || !second) throw new Error('a run has records');
    const spill = spillIn(new MemorySealedStore());
    const evidence = new SpillingEvidence(new DynamoEvidenceStore(client, 'Evidence'), spill);
    expect(await evidence.put(first)).toBe('stored');
    expect(requests).toBe(sdk.maxAttempts);
    expect(await evidence.put(second)).toBe('stored');
    expect(requests).toBe(sdk.maxAttempts);
    expect(await spill.of(runId)).toEqual([first, second].map((record) => ({ record, state: 'waiting' })));
  },
  shortestMs,
);

it(
  'is told to every other run as a store that did not answer, and that the record may be written',
  async () => {
    const table = new DynamoEvidenceStore(client, 'Evidence');
    await expect(first && table.put(first)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      effect: 'unknown',
      message: expect.stringContaining('TimeoutError'),
    });
  },
  shortestMs,
);
