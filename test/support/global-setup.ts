import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Names a folder for what test files share: the first that needs the cloud assembly synthesises it there. */
export default function setup(): void {
  process.env['GAPLESS_TEST_ASSEMBLY'] ??= mkdtempSync(path.join(tmpdir(), 'gapless-shared-'));
}
