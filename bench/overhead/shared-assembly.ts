import { mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildApp } from '../../lib/app';

/** Synthesises the app once, where the test support looks for it. @returns the folder to remove at the end */
export function shareAssembly(today: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gapless-shared-'));
  const policiesDir = path.join(__dirname, '..', '..', 'examples', 'policies');
  buildApp({ policiesDir, outdir: path.join(folder, 'assembly'), today }).synth();
  mkdirSync(path.join(folder, 'done'));
  process.env['GAPLESS_TEST_ASSEMBLY'] = folder;
  return folder;
}
