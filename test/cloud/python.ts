import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requirements = path.join(__dirname, 'requirements.txt');
/** Ignored by git; kept between runs. */
const folder = path.join(__dirname, '..', '..', 'build', 'emulated-cloud', 'venv');

/** The emulator's packages need this much. */
const OLDEST = [3, 10] as const;

/** What keeps the emulated cloud from being started on this machine. */
export class NoPython extends Error {}

/**
 * Makes a virtual environment with the pinned packages, or takes the one that is there for the same pins.
 * @returns its Python
 * @throws NoPython with one sentence when the machine has no Python that is new enough, or one without venv
 */
export async function pythonWithEmulator(): Promise<string> {
  const pins = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const mark = path.join(folder, pins);
  const python = path.join(folder, 'bin', 'python');
  if (existsSync(mark)) return python;
  const base = await newEnough();
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.dirname(folder), { recursive: true });
  await run(base, ['-m', 'venv', folder]).catch((error: Error) => {
    throw new NoPython(
      `The emulated cloud needs a Python with venv; ${base} has none (${firstLine(error.message)}).`,
    );
  });
  const install = ['install', '--quiet', '--disable-pip-version-check', '--require-hashes'];
  await run(python, ['-m', 'pip', ...install, '--only-binary', ':all:', '--requirement', requirements]);
  await writeFile(mark, '');
  return python;
}

async function newEnough(): Promise<string> {
  const found: string[] = [];
  for (const name of ['python3', 'python']) {
    const version = await versionOf(name);
    if (version === undefined) continue;
    const [major, minor] = version;
    if (major === OLDEST[0] && minor >= OLDEST[1]) return name;
    found.push(`${name} is ${major}.${minor}`);
  }
  throw new NoPython(
    `The emulated cloud needs Python ${OLDEST.join('.')} or newer on the PATH: ${found.join(', ') || 'there is none'}. Nothing was started.`,
  );
}

async function versionOf(name: string): Promise<readonly [major: number, minor: number] | undefined> {
  const told = await run(name, ['-c', 'import sys; print(*sys.version_info[:2])']).catch(() => undefined);
  const [major, minor] = (told?.stdout ?? '').trim().split(' ').map(Number);
  return major === undefined || minor === undefined ? undefined : [major, minor];
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
