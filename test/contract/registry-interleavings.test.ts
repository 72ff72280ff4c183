import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoLedgerIndex } from '../../adapters/aws/ledger-index';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { registryTable } from '../../core/ports/tables';
import { startDynalite, type Dynalite } from '../support/dynalite';
import { enrolment, leaseOf, marker } from './store-suite/stores';

const id = 'payments-db';
const slot = '2026-03-01T00:00:00.000Z';

let dynamo: Dynalite;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.stop());

type Meanwhile = { readonly before: string; readonly happens: () => Promise<unknown> };

/** One registry in which something happens right before calls of a name, and another beside it. */
async function openTwo() {
  const name = await dynamo.table(registryTable);
  const events: Meanwhile[] = [];
  const beside = dynamoRegistry(dynamo.client, name);
  await beside.enrol(enrolment(id, { slot }));
  const index = dynamoLedgerIndex(dynamo.client, name);
  return { registry: dynamoRegistry(interrupted(dynamo, events), name), beside, index, events };
}

function interrupted(server: Dynalite, events: Meanwhile[]): DynamoDBClient {
  const client = server.connect();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (events[0] !== undefined && context.commandName === events[0].before)
        await events.shift()?.happens();
      return next(args);
    },
    { step: 'initialize' },
  );
  return client;
}

test('an attempt that is put off while its identity is being enrolled stays put off', async () => {
  const { registry, beside, events } = await openTwo();
  const retry = { slot, dueAt: '2026-03-01T06:00:00.000Z', attempt: 1 };
  events.push({ before: 'UpdateItemCommand', happens: () => beside.schedule(id, slot, retry) });
  await registry.enrol(enrolment(id, { slot, policyRevision: 'r2' }));
  expect(await registry.identity(id)).toMatchObject({ ...retry, policyRevision: 'r2' });
});

test('an identity that somebody else enrols at the same moment is updated, not created again', async () => {
  const { registry, beside, events } = await openTwo();
  const happens = () =>
    beside
      .enrol(enrolment('orders-db', { slot }))
      .then(() => beside.claimLease('orders-db', leaseOf('run-1')));
  events.push({ before: 'PutItemCommand', happens });
  expect(await registry.enrol(enrolment('orders-db', { slot }))).toBe('updated');
  expect(await registry.identity('orders-db')).toMatchObject({ fence: 1, lease: leaseOf('run-1') });
});

test('a lease that is given back between the refused claim and the look at it is claimed after all', async () => {
  const { registry, beside, events } = await openTwo();
  await beside.claimLease(id, leaseOf('run-1'));
  events.push({ before: 'GetItemCommand', happens: () => beside.releaseLease(id, 'run-1') });
  expect(await registry.claimLease(id, leaseOf('run-2'))).toMatchObject({ row: { fence: 2 } });
});

test('a row that changes hands under every look ends in a failure that may be repeated', async () => {
  const { registry, beside, events } = await openTwo();
  const taken = () => beside.claimLease(id, leaseOf('run-1'));
  const given = () => beside.releaseLease(id, 'run-1');
  for (let look = 0; look < 4; look++) {
    events.push(
      { before: 'UpdateItemCommand', happens: taken },
      { before: 'GetItemCommand', happens: given },
    );
  }
  const claim = registry.claimLease(id, leaseOf('run-2'));
  await expect(claim).rejects.toMatchObject({ name: 'StoreUnavailable', effect: 'none' });
});

test('a marker whose run closes while it is opened again is opened for somebody to finish', async () => {
  const { registry, beside, events } = await openTwo();
  await beside.openRun(marker('run-1'));
  events.push({ before: 'GetItemCommand', happens: () => beside.forgetRun('run-1') });
  await registry.openRun(marker('run-1'));
  expect(await beside.run('run-1')).toStrictEqual(marker('run-1'));
});

test('a marker that Seal removes while it is opened again is not taken for an open one', async () => {
  const { registry, beside, index, events } = await openTwo();
  await beside.openRun(marker('run-1'));
  await beside.forgetRun('run-1');
  events.push({ before: 'GetItemCommand', happens: () => index.dropMarker('run-1') });
  await expect(registry.openRun(marker('run-1'))).rejects.toMatchObject({
    name: 'StoreUnavailable',
    effect: 'none',
  });
});
