import { spawnSync } from 'node:child_process';
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

function run({ name, command: [tool = '', ...args] }: Stage): 'passed' | 'failed' {
  const started = Date.now();
  const { status } = spawnSync(path.join(root, 'node_modules', '.bin', tool), args, {
    cwd: root,
    stdio: 'inherit',
  });
  const state = status === 0 ? 'passed' : 'failed';
  console.log(`${name}: ${state} in ${((Date.now() - started) / 1_000).toFixed(1)} s`);
  return state;
}

function checkSizes(): 'passed' | 'failed' {
  const { report, tooLong } = sizes(root);
  for (const line of [...report, ...tooLong]) console.log(line);
  return tooLong.length === 0 ? 'passed' : 'failed';
}

/** Runs the tests of these folders; the closing line counts them. */
function tests(folders: readonly string[]): 'passed' | 'failed' {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gapless-check-'));
  const outputFile = path.join(folder, 'results.json');
  const state = run({ name: 'tests', command: ['jest', '--json', `--outputFile=${outputFile}`, ...folders] });
  const { numPassedTests, numFailedTests, numFailedTestSuites } = results.parse(
    JSON.parse(readFileSync(outputFile, 'utf8')),
  );
  rmSync(folder, { recursive: true });
  console.log(`${numPassedTests} passed, ${Math.max(numFailedTests, numFailedTestSuites)} failed`);
  return state;
}

const folders = ['unit', 'model', 'contract', 'synth', 'workflow'];
const all = process.argv.includes('--all') ? [...folders, 'fault', 'e2e'] : folders;
const states = [...tools.map(run), checkSizes(), tests(all.map((name) => `test/${name}/`))];
if (states.includes('failed')) process.exitCode = 1;
