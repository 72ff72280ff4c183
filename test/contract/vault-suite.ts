import { Material } from '../../core/material';
import type { Vault } from '../../core/ports/vault';

/** A vault, and a way to put a secret into it as a person would. */
export interface MadeVault {
  readonly vault: Vault;
  create(secret: string, versionId: string, material: Material): Promise<void>;
}

/** A version id as the vault wants it: it is the ClientRequestToken, 32 to 64 characters. */
export function version(name: string): string {
  return name.padEnd(32, '-');
}

const [v1, v2, v3] = [version('v1'), version('v2'), version('v3')];
const first = new Material({ username: 'app_a', password: 'first-password' });
const second = new Material({ username: 'app_b', password: 'second-password' });

/** Every claim a vault makes, whatever keeps the secrets. */
export function describeVault(suite: string, make: () => Promise<MadeVault>): void {
  describe(suite, () => {
    describePending(make);
    describePromotion(make);
    describeMissing(make);
  });
}

let secrets = 0;
async function withSecret(make: () => Promise<MadeVault>) {
  const made = await make();
  const secret = `app/secret-${secrets++}`;
  await made.create(secret, v1, first);
  return { vault: made.vault, secret };
}

function describePending(make: () => Promise<MadeVault>): void {
  test('a pending version is readable by its id and changes nothing about the current one', async () => {
    const { vault, secret } = await withSecret(make);
    await vault.putPending(secret, v2, second);
    expect(await vault.labels(secret)).toEqual({ current: v1, pending: v2, previous: undefined });
    expect((await vault.read(secret, v2))?.reveal('password')).toBe('second-password');
    expect((await vault.readCurrent(secret)).material.reveal('password')).toBe('first-password');
  });

  test('writing the same pending version twice is fine; other material under its id is refused without a word of it', async () => {
    const { vault, secret } = await withSecret(make);
    await vault.putPending(secret, v2, second);
    await vault.putPending(secret, v2, second);
    const other = await vault.putPending(secret, v2, first).catch((error: unknown) => error);
    expect(other).toMatchObject({ name: 'PendingConflict', effect: 'none' });
    expect(String(other)).not.toMatch(/password/);
    expect((await vault.read(secret, v2))?.reveal('password')).toBe('second-password');
  });

  test('dropping takes the pending label off that version only, and may be repeated', async () => {
    const { vault, secret } = await withSecret(make);
    await vault.putPending(secret, v2, second);
    await vault.dropPending(secret, v3);
    expect((await vault.labels(secret)).pending).toBe(v2);
    await vault.dropPending(secret, v2);
    await vault.dropPending(secret, v2);
    expect(await vault.labels(secret)).toEqual({ current: v1, pending: undefined, previous: undefined });
    expect((await vault.read(secret, v2))?.reveal('password')).toBe('second-password');
  });
}

function describePromotion(make: () => Promise<MadeVault>): void {
  test('promoting makes the version current and the one before it previous; repeating it changes nothing', async () => {
    const { vault, secret } = await withSecret(make);
    await vault.putPending(secret, v2, second);
    await vault.promote(secret, v2, v1);
    const labels = await vault.labels(secret);
    expect(labels).toMatchObject({ current: v2, previous: v1 });
    expect((await vault.readCurrent(secret)).material.reveal('username')).toBe('app_b');
    await vault.promote(secret, v2, v1);
    expect(await vault.labels(secret)).toEqual(labels);
  });

  test('promoting back undoes a promotion, and the superseded version stays readable by its id', async () => {
    const { vault, secret } = await withSecret(make);
    await vault.putPending(secret, v2, second);
    await vault.promote(secret, v2, v1);
    await vault.promote(secret, v1, v2);
    expect(await vault.labels(secret)).toMatchObject({ current: v1, previous: v2 });
    expect((await vault.read(secret, v2))?.reveal('username')).toBe('app_b');
  });

  test('nothing is promoted over a version that somebody else made current', async () => {
    const { vault, secret } = await withSecret(make);
    await vault.putPending(secret, v2, second);
    await vault.promote(secret, v2, v1);
    await vault.putPending(secret, v3, first);
    const conflict = { name: 'PendingConflict', effect: 'none' };
    await expect(vault.promote(secret, v3, v1)).rejects.toMatchObject(conflict);
    expect((await vault.labels(secret)).current).toBe(v2);
  });
}

function describeMissing(make: () => Promise<MadeVault>): void {
  test('a version that does not exist reads as undefined', async () => {
    const { vault, secret } = await withSecret(make);
    expect(await vault.read(secret, v3)).toBeUndefined();
  });

  test('a secret that does not exist is named, whatever is asked of it', async () => {
    const { vault } = await make();
    const missing = {
      name: 'SecretMissing',
      effect: 'none',
      message: expect.stringContaining('app/nowhere'),
    };
    await expect(vault.labels('app/nowhere')).rejects.toMatchObject(missing);
    await expect(vault.read('app/nowhere', v1)).rejects.toMatchObject(missing);
    await expect(vault.readCurrent('app/nowhere')).rejects.toMatchObject(missing);
    await expect(vault.putPending('app/nowhere', v2, second)).rejects.toMatchObject(missing);
    await expect(vault.promote('app/nowhere', v2, v1)).rejects.toMatchObject(missing);
    await expect(vault.dropPending('app/nowhere', v1)).rejects.toMatchObject(missing);
  });
}
