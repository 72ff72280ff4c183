import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { FaultPoint } from '../../apps/local/faults';
import { filesOf, formsOf, leaks, type Sink } from '../support/canary-scan';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { toldBy, violations } from '../support/oracle';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { seedIdentity, type SeededIdentity } from '../support/postgres-identity';
import { startPostgresProxy, type PostgresProxy } from '../support/postgres-proxy';

/** Long enough to be found at any base64 offset, and different in every escaped form. */
const MARKER = 'canary"7/%+&=q8Zk?~-';

const invoked = z.looseObject({ stage: z._default(z.string(), '') });
const listing = z.object({ executions: z.array(z.looseObject({ executionArn: z.string() })) });

/** Stages at the target lose their connection once; the others are refused their evidence once. */
const failing = [
  { stage: 'none', at: 'nothing' },
  { stage: 'Mint', at: 'target' },
  { stage: 'Mint', at: 'store' },
  { stage: 'ProveNew', at: 'target' },
  { stage: 'Promote', at: 'store' },
  { stage: 'Distribute', at: 'store' },
  { stage: 'ConfirmNew', at: 'store' },
  { stage: 'Retire', at: 'target' },
  { stage: 'ProveOld', at: 'target' },
  { stage: 'Remove', at: 'store' },
  { stage: 'Close', at: 'store' },
] as const;
type Failing = (typeof failing)[number];

let server: TestPostgres;
let proxy: PostgresProxy;
let cloud: GaplessCloud;
let identities: readonly SeededIdentity[];

/** The stage whose function runs now; one rotation runs at a time. */
const now = { stage: '', faults: 0 };
let wanted: Failing = failing[0];

beforeAll(async () => {
  server = await testPostgres([
    '-c',
    'log_statement=all',
    '-c',
    'log_connections=all',
    '-c',
    'log_min_error_statement=debug5',
  ]);
  proxy = await startPostgresProxy({
    target: server,
    onStatement: async ({ phase }) =>
      phase === 'before' && wanted.at === 'target' && strikes() ? 'cut' : 'pass',
  });
  const seeded: SeededIdentity[] = [];
  for (const [index] of failing.entries()) {
    const strategy = index % 2 === 0 ? 'alternating' : 'in-place';
    seeded.push(
      await seedIdentity(server, { id: `canary-${index}`, strategy, port: proxy.port, marker: MARKER }),
    );
  }
  identities = seeded;
  cloud = await gaplessCloud(seeded);
  cloud.faults.at = async (point) => fault(point);
}, 120_000);

afterAll(async () => {
  await cloud.remove();
  await proxy.stop();
  await server.stop();
});

/** Whether the fault that is wanted strikes here: in its stage, and not again once the stage has failed for good. */
function strikes(): boolean {
  if (now.stage !== wanted.stage) return false;
  now.faults += 1;
  return true;
}

async function fault(point: FaultPoint) {
  if (point.boundary === 'lambda' && point.phase === 'before') now.stage = invoked.parse(point.payload).stage;
  if (point.boundary !== 'service' || point.phase !== 'before' || wanted.at !== 'store') return undefined;
  if (point.action !== 'PutItem' || !point.caller.startsWith('gapless-') || !strikes()) return undefined;
  return { do: 'fail', error: 'ValidationException', message: 'a write that is refused' } as const;
}

async function table(name: string): Promise<Sink> {
  const { endpoint, region, credentials } = cloud.engine;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const items: unknown[] = [];
  for await (const page of paginateScan({ client }, { TableName: name })) items.push(...(page.Items ?? []));
  client.destroy();
  return { name, text: JSON.stringify(items) };
}

/** Inputs, outputs, causes and whole histories of everything that ran. */
async function executions(): Promise<readonly Sink[]> {
  const sinks: Sink[] = [];
  for (const machine of ['Rotation', 'Sweep', 'Settle'] as const) {
    const { executions: listed } = listing.parse(
      await cloud.engine.states.handle('ListExecutions', {
        stateMachineArn: cloud.arn(machine),
        maxResults: 1000,
      }),
    );
    for (const { executionArn } of listed) {
      sinks.push({ name: executionArn, text: JSON.stringify(cloud.engine.states.record(executionArn)) });
    }
  }
  return sinks;
}

/** Every password there is: those planted, and those minted, which only the vault knows. */
async function secrets(): Promise<ReadonlyMap<string, string>> {
  const known = new Map([['the marker', MARKER]]);
  for (const identity of identities) {
    const secret = identity.secret;
    for (const { runId } of await cloud.registry.runs({ identityId: identity.id, limit: 50 })) {
      for (const { body } of await cloud.evidence.read('RUN', runId)) {
        const { versionId } = toldBy(body);
        const material =
          typeof versionId === 'string' ? await cloud.vault.read(secret, versionId) : undefined;
        const password = material?.reveal('password');
        if (password !== undefined) known.set(`version ${versionId} of ${identity.id}`, password);
      }
    }
  }
  return known;
}

it('a form of a secret is found wherever it is planted', () => {
  for (const form of formsOf(MARKER)) {
    expect(
      leaks([{ name: 'planted', text: `before ${form} after` }], new Map([['it', MARKER]])),
    ).toHaveLength(1);
  }
  expect(
    leaks(
      [{ name: 'base64', text: Buffer.from(`xy${MARKER}z`).toString('base64') }],
      new Map([['it', MARKER]]),
    ),
  ).toHaveLength(1);
});

it('no secret leaves the store and the target, whichever stage fails', async () => {
  for (const [index, identity] of identities.entries()) {
    wanted = failing[index] ?? failing[0];
    now.faults = 0;
    await cloud.start('Rotation', `run-${index}`, {
      identityId: identity.id,
      reason: `${wanted.stage} fails`,
    });
    await cloud.ended('Rotation', `run-${index}`);
    expect([wanted.stage, wanted.at, now.faults > 0]).toEqual([
      wanted.stage,
      wanted.at,
      wanted.at !== 'nothing',
    ]);
  }
  wanted = failing[0];
  await cloud.untilSettled(
    identities.map(({ id }) => id),
    60,
  );
  for (const identity of identities)
    expect([identity.id, await violations(cloud, server, identity)]).toEqual([identity.id, []]);

  const all = await secrets();
  const outputs = cloud.engine.outputs('GaplessEvidence');
  const sinks = [
    ...(await executions()),
    await table(outputs['EvidenceTable'] ?? ''),
    await table(outputs['RegistryTable'] ?? ''),
    { name: 'function logs', text: cloud.engine.log.lines.map(({ text }) => text).join('\n') },
    { name: 'the log of PostgreSQL', text: server.logText() },
    ...filesOf(cloud.dataDir, ['secrets']),
  ];
  process.stdout.write(
    `${all.size} secrets looked for in ${sinks.length} places, ${sinks.reduce((sum, { text }) => sum + text.length, 0)} characters\n`,
  );
  expect(all.size).toBeGreaterThan(identities.length);
  expect(server.logText()).toContain('ALTER ROLE');
  expect(leaks(filesOf(cloud.dataDir), all)).not.toEqual([]);
  expect(leaks(sinks, all)).toEqual([]);
}, 600_000);
