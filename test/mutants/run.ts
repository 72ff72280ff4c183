import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sharedAssembly } from '../support/assembly';
import type { Mutant } from './mutant';
import { mutants } from './mutants';
import { mutated, root, staleness } from './text';

// `npm run mutants [-- <part of a name>]`: each change in a copy of the checkout, where its test has to fail.

const AT_ONCE = 2;
const left: readonly string[] = ['node_modules', '.git', 'cdk.out', 'build', '.gapless'];

type Verdict = 'caught' | 'survived';

/** A copy of everything but what is built and installed. */
function copyOfCheckout(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gapless-mutants-'));
  for (const entry of readdirSync(root))
    if (!left.includes(entry)) cpSync(path.join(root, entry), path.join(folder, entry), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/** Runs the test of a mutant in a copy. A test that does not run at all has noticed nothing. */
async function tried(
  folder: string,
  mutant: Mutant | undefined,
  { file, test }: Mutant['caughtBy'],
  assembly: string,
) {
  // What changes the machines has to be synthesised anew.
  const shared = mutant?.file.startsWith('lib/') ? {} : { GAPLESS_TEST_ASSEMBLY: assembly };
  const { GAPLESS_TEST_ASSEMBLY: _, ...env } = process.env;
  const args = [
    file,
    '-t',
    test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    '--json',
    '--silent',
    '--cacheDirectory',
    path.join(folder, 'build', 'jest'),
  ];
  const child = spawn(path.join(folder, 'node_modules', '.bin', 'jest'), args, {
    cwd: folder,
    env: { ...env, ...shared },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  await new Promise((resolve) => child.once('exit', resolve));
  const failed = Number(/"numFailedTests":(\d+)/.exec(text)?.[1] ?? 0);
  const passed = Number(/"numPassedTests":(\d+)/.exec(text)?.[1] ?? 0);
  return { failed, passed };
}

async function verdictOn(folder: string, mutant: Mutant, assembly: string): Promise<Verdict> {
  const target = path.join(folder, mutant.file);
  writeFileSync(target, mutated(mutant));
  const { failed } = await tried(folder, mutant, mutant.caughtBy, assembly);
  cpSync(path.join(root, mutant.file), target);
  return failed > 0 ? 'caught' : 'survived';
}

/** A test that fails without any change notices nothing. @returns the tests that did not pass */
async function controls(chosen: readonly Mutant[], assembly: string): Promise<readonly string[]> {
  const tests = new Map(chosen.map(({ caughtBy }) => [`${caughtBy.file}: ${caughtBy.test}`, caughtBy]));
  const queue = [...tests];
  const failing: string[] = [];
  const folder = copyOfCheckout();
  const one = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { failed, passed } = await tried(folder, undefined, next[1], assembly);
      if (failed > 0 || passed === 0) failing.push(next[0]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  rmSync(folder, { recursive: true, force: true });
  console.log(`${tests.size - failing.length} of ${tests.size} named tests pass without a change`);
  return failing;
}

async function worker(
  queue: Mutant[],
  assembly: string,
  tell: (mutant: Mutant, verdict: Verdict, ms: number) => void,
) {
  const folder = copyOfCheckout();
  try {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const started = Date.now();
      tell(mutant, await verdictOn(folder, mutant, assembly), Date.now() - started);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const part = process.argv[2] ?? '';
  const chosen = mutants.filter(({ name }) => name.includes(part));
  const stale = chosen.flatMap((mutant) => {
    const why = staleness(mutant);
    return why === undefined ? [] : [`${mutant.name}: ${why}`];
  });
  for (const line of stale) console.log(`STALE ${line}`);
  if (stale.length > 0 || chosen.length === 0) {
    process.exitCode = 1;
    return;
  }
  await sharedAssembly();
  const assembly = process.env['GAPLESS_TEST_ASSEMBLY'] ?? '';
  const started = Date.now();
  const survived: string[] = [];
  const failing = await controls(chosen, assembly);
  for (const test of failing) console.log(`FAILS without a change: ${test}`);
  if (failing.length > 0) {
    process.exitCode = 1;
    return;
  }
  const queue = [...chosen];
  const tell = ({ name, caughtBy }: Mutant, verdict: Verdict, ms: number) => {
    if (verdict === 'survived') survived.push(name);
    console.log(`${verdict} in ${(ms / 1_000).toFixed(1)} s: ${name} (${caughtBy.file})`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(queue, assembly, tell)));
  const seconds = ((Date.now() - started) / 1_000).toFixed(0);
  console.log(`${chosen.length - survived.length} of ${chosen.length} mutants caught in ${seconds} s`);
  if (survived.length > 0) process.exitCode = 1;
}

void main();
