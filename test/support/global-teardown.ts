import { rmSync } from 'node:fs';

/** Removes the shared folder that this run's setup made; one that was given is still in use elsewhere. */
export default function teardown(): void {
  const folder = process.env['GAPLESS_TEST_REMOVES'];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
