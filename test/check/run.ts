import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';
import { sizes } from './sizes';

const root = path.join(__dirname, '..', '..');
const results = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numFailedTestSuites: z.number(),
});

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  /** Settings beside this process's own. */
  readonly settings?: Readonly<Record<string, string>>;
}

const tools: readonly Stage[] = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  {
    name: 'imports',
    command: [
      'depcruise',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
      'bin',
      'lib',
      'lambdas',
      'core',
      'connectors',
      'adapters',
      'apps',
      'examples',
      'test',
      'bench',
      'kit',
      'net',
    ],
  },
  { name: 'generated files', command: ['tsx', 'bin/generate.ts', '--check'] },
];

type State = 'passed' | 'failed';

/** Runs one stage. `whole`: what it prints comes at its end, so that stages side by side stay readable. */
async function run(
  { name, command: [tool = '', ...args], settings }: Stage,
  printed: 'live' | 'whole',
): Promise<State> {
  const started = Date.now();
  const stdio = printed === 'live' ? 'inherit' : 'pipe';
  const env = { ...process.env, ...settings };
  const child = spawn(path.join(root, 'node_modules', '.bin', tool), args, { cwd: root, stdio, env });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => said.push(part));
  const [status] = await once(child, 'close');
  process.stdout.write(Buffer.concat(said));
  const state = status === 0 ? 'passed' : 'failed';
  console.log(`${name}: ${state} in ${((Date.now() - started) / 1_000).toFixed(1)} s`);
  return state;
}

function checkSizes(): State {
  const { report, tooLong } = sizes(root);
  for (const line of [...report, ...tooLong]) console.log(line);
  return tooLong.length === 0 ? 'passed' : 'failed';
}

/** Runs the tests whose paths have one of these parts; the closing line counts them. */
async function tests(paths: readonly string[]): Promise<State> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gapless-check-'));
  const outputFile = path.join(folder, 'results.json');
  const command = ['jest', '--json', `--outputFile=${outputFile}`, ...paths];
  // What a test makes dies young: with room for it, a sixth of the processors' time is not spent on collecting it.
  const settings = {
    NODE_OPTIONS: [process.env['NODE_OPTIONS'], '--max-semi-space-size=32'].join(' ').trim(),
  };
  const state = await run({ name: 'tests', command, settings }, 'live');
  const { numPassedTests, numFailedTests, numFailedTestSuites } = results.parse(
    JSON.parse(readFileSync(outputFile, 'utf8')),
  );
  rmSync(folder, { recursive: true });
  console.log(`${numPassedTests} passed, ${Math.max(numFailedTests, numFailedTestSuites)} failed`);
  return state;
}

async function main(): Promise<void> {
  const quick = ['unit/', 'model/', 'contract/', 'synth/', 'workflow/'];
  // Every command as a process, and every fault, have commands of their own: `npm run test:e2e`, `npm run test:fault` and
  // `npm run fault`. These are a slice of each.
  const whole = [...quick, 'e2e/start.test', 'fault/crash.test', 'fault/matrix.test'];
  const picked = process.argv.includes('--all') ? whole : quick;
  const states = await Promise.all(tools.map((stage) => run(stage, 'whole')));
  states.push(checkSizes(), await tests(picked.map((name) => `test/${name}`)));
  if (states.includes('failed')) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
