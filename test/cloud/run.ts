import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { testPostgres, type TestPostgres } from '../support/postgres';
import { bootstrapped, deployed, surroundings, synthesised, type Outputs } from './deploy';
import { type Emulator, startEmulator } from './emulator';
import { NoPython, pythonWithEmulator } from './python';
import { SCENE, sceneText } from './handover';
import { policyFolder, seededCast, storedSecrets, type Cast } from './scene';

const root = path.join(__dirname, '..', '..');
const begun = Date.now();

/** `npm run test:cloud`: deploys the app to an emulated cloud by the CDK command line, and runs the tests of this folder there. */
async function main(args: readonly string[]): Promise<number> {
  const python = await pythonWithEmulator();
  told('Python and the emulator are there');
  const folder = await mkdtemp(path.join(tmpdir(), 'gapless-cloud-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [server, emulator] = await Promise.all([
    testPostgres(),
    startEmulator(python, path.join(folder, 'emulator')),
  ]);
  try {
    return await tested({ server, emulator, folder, args });
  } finally {
    await emulator.stop();
    await server.stop();
  }
}

interface Venue {
  readonly server: TestPostgres;
  readonly emulator: Emulator;
  readonly folder: string;
  readonly args: readonly string[];
}

async function tested({ server, emulator, folder, args }: Venue): Promise<number> {
  const cast = await seededCast(server);
  // Its functions' first calls find the secrets, as they do after docs/deploy.md.
  await storedSecrets(cast, emulator);
  const policies = await policyFolder(cast, folder);
  const [assembly] = await Promise.all([synthesised(policies, folder), bootstrapped(emulator, folder)]);
  told('the app is synthesised, the account bootstrapped');
  const outputs = await deployed(assembly, emulator, folder);
  told('the app is deployed');
  const code = await jest({ server, emulator, folder, args }, outputs, cast);
  if (code !== 0) console.log(`The emulator's last lines:\n${emulator.log()}`);
  return code;
}

async function jest(
  { server, emulator, folder, args }: Venue,
  outputs: Outputs,
  cast: Cast,
): Promise<number> {
  const bin = path.join(root, 'node_modules', '.bin', 'jest');
  const env = {
    ...surroundings(folder, emulator),
    [SCENE]: sceneText({ server, emulator, outputs, cast }),
  };
  const child = spawn(bin, ['--config', path.join(__dirname, 'jest.config.js'), ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  told('the tests are over');
  return code === 0 ? 0 : 1;
}

function told(what: string): void {
  console.log(`${((Date.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${what}`);
}

async function started(args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await main(args);
  } catch (error) {
    console.error(error instanceof NoPython ? error.message : error);
    process.exitCode = 1;
  }
}

// What ends with this process also ends with Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
void started(process.argv.slice(2));
