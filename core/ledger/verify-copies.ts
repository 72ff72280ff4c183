import { openStatement } from './witness-statement';
import { checkpointKey } from './checkpoint';
import { sizesOf, type Verified } from './verify-checkpoints';
import { broken, type Copy, type Trusted } from './verify-source';

/**
 * Compares the checkpoints with a copy of them. A copy may be behind; it may not hold another, lack one in the middle,
 * or hold a later one, which would mean that the ledger was rolled back.
 * @returns the size of the newest checkpoint in the copy, 0 for none
 * @throws Broken at the first difference
 */
export async function checkCopy({ name, objects }: Copy, all: readonly Verified[]): Promise<number> {
  const keys = (await objects.versions('checkpoint/')).map(({ key }) => key);
  const newest = sizesOf(keys, 'checkpoint/').at(-1) ?? 0;
  for (const { checkpoint, bytes } of all) {
    if (checkpoint.size > newest) break;
    const key = checkpointKey(checkpoint.size);
    const copy = await objects.get(key);
    if (copy === undefined) return broken(key, `the checkpoint in the ${name} too`, 'nothing there');
    if (!Buffer.from(bytes).equals(copy)) broken(key, `the bytes of the ${name}`, 'other bytes');
  }
  notRolledBack(newest, all, `the ${name}`);
  return newest;
}

/** @returns the size of the newest countersigned checkpoint, 0 for none. @throws Broken at the first difference */
export async function checkWitness(
  { key, objects }: NonNullable<Trusted['witness']>,
  origin: string,
  all: readonly Verified[],
): Promise<number> {
  const keys = (await objects.versions('witness/')).map((each) => each.key);
  const bySize = new Map(all.map((each) => [each.checkpoint.size, each]));
  const sizes = sizesOf(keys, 'witness/');
  for (const [at, size] of sizes.entries()) {
    const name = keys.toSorted()[at] ?? '';
    const statement = openStatement((await objects.get(name)) ?? new Uint8Array(), { key, origin });
    if (!statement)
      return broken(name, 'a statement that the pinned witness signed about this ledger', 'something else');
    if (statement.size !== size)
      broken(name, `a statement about ${size} leaves`, `one about ${statement.size}`);
    const ours = bySize.get(size);
    if (ours && ours.hash !== statement.checkpointHash)
      broken(
        checkpointKey(size),
        `hash ${statement.checkpointHash}, which the witness signed`,
        `hash ${ours.hash}`,
      );
    if (!ours && size <= (all.at(-1)?.checkpoint.size ?? 0))
      broken(checkpointKey(size), 'the checkpoint that the witness signed', 'nothing');
  }
  const newest = sizes.at(-1) ?? 0;
  notRolledBack(newest, all, 'the witness');
  return newest;
}

/** Somebody has seen a later checkpoint than the last one here. */
function notRolledBack(seen: number, all: readonly Verified[], who: string): void {
  const last = all.at(-1)?.checkpoint.size ?? 0;
  if (seen > last)
    broken(
      checkpointKey(seen),
      `the checkpoint of ${seen} leaves that ${who} has`,
      `a ledger that ends at ${last}`,
    );
}

/** @throws Broken at the first checkpoint the caller saw before that is not in this ledger */
export function checkKnown(known: Trusted['known'], all: readonly Verified[]): void {
  for (const { size, root } of known) {
    const ours = all.find(({ checkpoint }) => checkpoint.size === size)?.checkpoint.root;
    if (ours !== root)
      broken(
        checkpointKey(size),
        `root ${root}, seen before`,
        ours === undefined ? 'nothing' : `root ${ours}`,
      );
  }
}
