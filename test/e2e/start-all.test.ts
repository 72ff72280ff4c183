import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { launch, projectFolder, removeProject, type Ended } from '../support/cli';

const run = z.object({
  kind: z.string(),
  credential: z.string(),
  identity: z.string(),
  strategy: z.string(),
  outcome: z.string(),
  proofLevel: z.string(),
});
const shown = z.object({
  schemaVersion: z.literal(1),
  runs: z.array(run),
  chain: z.object({ verified: z.boolean() }),
  ledger: z.object({ verified: z.boolean(), unsealed: z.number() }),
});
const further = ['http-api-key', 'oauth-client', 'mtls-certificate', 'iam-access-key'];

let folder: string;
let ended: Ended;
beforeAll(async () => {
  folder = projectFolder();
  ended = await launch('start.js', ['--once', '--json', '--all'], folder).ended;
}, 600_000);
afterAll(() => removeProject(folder));

function documentOf({ stdout, stderr }: Ended): z.infer<typeof shown> {
  if (stdout === '') throw new Error(stderr);
  return shown.parse(JSON.parse(stdout));
}

/** `refused` when nothing listens there any more. */
async function knock(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve('answered');
    });
    socket.once('error', () => resolve('refused'));
  });
}

function targetOf(identity: string): Record<string, unknown> {
  const file = join(folder, '.gapless', 'demo', 'policies', `${identity}.yaml`);
  const policy = z.object({ target: z.record(z.string(), z.unknown()) });
  return policy.parse(parse(readFileSync(file, 'utf8'))).target;
}

describe('npm start -- --once --json --all', () => {
  it('ends 0 with a rotation and an emergency of every further kind, each verified at L4', () => {
    const { runs } = documentOf(ended);
    const each = runs.filter(({ credential }) => credential !== 'postgres-role');
    expect(
      each.map(({ kind, credential, outcome, proofLevel }) => [credential, kind, outcome, proofLevel]),
    ).toEqual(
      further.flatMap((kind) => [
        [kind, 'rotation', 'verified', 'L4'],
        [kind, 'revocation', 'verified', 'L4'],
      ]),
    );
    expect(ended.code).toBe(0);
  });

  it('shows PostgreSQL’s scenes first, as without it', () => {
    const before = documentOf(ended).runs.filter(({ credential }) => credential === 'postgres-role');
    expect(before.map(({ identity, kind, outcome }) => [identity, kind, outcome])).toEqual([
      ['orders-db', 'rotation', 'verified'],
      ['billing-db', 'rotation', 'verified'],
      ['reports-db', 'revocation', 'verified'],
    ]);
  });

  it('tells what each server itself says to the old credential', () => {
    const said = ended.stderr.match(/to the old credential, just now: HTTP (\d+)/g) ?? [];
    expect(said.map((line) => line.slice(-3))).toEqual(['401', '401', '401', '403']);
  });

  it('leaves evidence that holds, sealed to the last record', () => {
    const { chain, ledger } = documentOf(ended);
    expect({ chain: chain.verified, ...ledger }).toEqual({ chain: true, verified: true, unsealed: 0 });
  });

  it('leaves no server behind', async () => {
    const urls = [
      targetOf('partner-key')['api'],
      targetOf('ci-client')['token'],
      targetOf('batch-user')['endpoint'],
    ];
    const ports = [
      ...urls.map((url) => Number(new URL(String(url)).port)),
      Number(targetOf('edge-certificate')['port']),
    ];
    expect(await Promise.all(ports.map(knock))).toEqual(['refused', 'refused', 'refused', 'refused']);
  });
});
