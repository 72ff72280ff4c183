import { createHash } from 'node:crypto';

/** A version id that one run always gets again: the vault's ClientRequestToken, so a repeat is a no-op there. */
export function versionIdOf(runId: string): string {
  const hex = createHash('sha256').update(`gapless candidate ${runId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
