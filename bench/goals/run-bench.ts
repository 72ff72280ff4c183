import { spawn } from 'node:child_process';
import path from 'node:path';
import type * as z from 'zod/mini';

const root = path.join(__dirname, '..', '..');

/**
 * Runs a bench in a process of its own and reads what it prints with `--json`. A missed goal is no failure of the bench.
 * @throws Error when it printed no figures
 */
export async function runBench<T>(
  name: string,
  args: readonly string[],
  shape: z.ZodMiniType<T>,
): Promise<T> {
  const child = spawn(
    path.join(root, 'node_modules', '.bin', 'tsx'),
    [path.join('bench', `${name}.ts`), '--json', ...args],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (!text.trim().startsWith('{'))
    throw new Error(`bench/${name}.ts ended with ${String(code)} and without figures, see above`);
  return shape.parse(JSON.parse(text));
}
