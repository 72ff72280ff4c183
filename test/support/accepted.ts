import type { Vault } from '../../core/ports/vault';
import type { Material } from '../../core/material';
import { login } from './oracle';
import type { ReachablePostgres } from './postgres';

/** A version of a secret that the server accepts, of those that a label names; `undefined` when nobody can log in. */
export async function acceptedVersion(
  vault: Pick<Vault, 'labels' | 'read'>,
  server: ReachablePostgres,
  secret: string,
): Promise<Material | undefined> {
  const { current, pending, previous } = await vault.labels(secret);
  for (const versionId of new Set([current, pending, previous])) {
    const material = versionId === undefined ? undefined : await vault.read(secret, versionId);
    if (material && (await login(server, material)) === 'accepted') return material;
  }
  return undefined;
}

/** Logins one after the other until they are ended. */
export interface Logins {
  /** @returns how many there were, how long each took on average in milliseconds, and how often nobody could log in */
  end(): Promise<{ readonly count: number; readonly periodMs: number; readonly lockedOut: number }>;
}

/** Logs in back to back, as fast as the server answers, with whichever version it accepts; once at least. */
export function logInBackToBack(
  vault: Pick<Vault, 'labels' | 'read'>,
  server: ReachablePostgres,
  secret: string,
): Logins {
  const state = { going: true };
  const startedAt = performance.now();
  const loop = async () => {
    let [count, lockedOut] = [0, 0];
    let material: Material | undefined;
    do {
      count += 1;
      if (material && (await login(server, material)) === 'accepted') continue;
      material = await acceptedVersion(vault, server, secret);
      if (!material) lockedOut += 1;
    } while (state.going);
    return { count, periodMs: (performance.now() - startedAt) / count, lockedOut };
  };
  const running = loop();
  running.catch(() => undefined);
  return {
    end: () => {
      state.going = false;
      return running;
    },
  };
}
