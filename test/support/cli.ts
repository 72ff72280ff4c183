import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeData } from '../../apps/local/target/postgres';

const bin = join(__dirname, '../../bin');

/** How a command ended, and all it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  /** Resolves once stdout holds the text. @throws Error with stderr when the command ends before that */
  says(text: string): Promise<void>;
  interrupt(): void;
  readonly ended: Promise<Ended>;
}

/** Starts one of the two executables in a project folder, with these settings and of this process's own but PATH. */
export function launch(
  executable: 'start.js' | 'gapless.js',
  args: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
): Running {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, ...settings };
  const child = spawn(process.execPath, [join(bin, executable), ...args], { cwd, env });
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (written.stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), ...written }));
  const says = async (text: string): Promise<void> => {
    while (!written.stdout.includes(text)) {
      const over = await Promise.race([ended, once(child.stdout, 'data')]);
      if ('code' in over && !written.stdout.includes(text))
        throw new Error(`ended before it said "${text}": ${over.stderr}`);
    }
  };
  return { says, ended, interrupt: () => void child.kill('SIGINT') };
}

/** Runs `gapless` to its end. */
export function gapless(args: readonly string[], cwd: string): Promise<Ended> {
  return launch('gapless.js', args, cwd).ended;
}

/** A project folder of its own. */
export function projectFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gapless-project-'));
}

/** Removes a project folder, and the server's data where that is kept elsewhere. */
export async function removeProject(folder: string): Promise<void> {
  await removeData(join(folder, '.gapless', 'demo', 'postgres'));
  rmSync(folder, { recursive: true, force: true });
}
