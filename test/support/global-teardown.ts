import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Removes the shared folder, unless it was given from outside. */
export default function teardown(): void {
  const folder = process.env['GAPLESS_TEST_ASSEMBLY'];
  if (folder?.startsWith(path.join(tmpdir(), 'gapless-shared-')))
    rmSync(folder, { recursive: true, force: true });
}
