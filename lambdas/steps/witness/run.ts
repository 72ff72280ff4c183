import { checkpointKey, NO_CHECKPOINT, type Pinned } from '../../../core/ledger/checkpoint';
import { leafListKey, readListText } from '../../../core/ledger/leaf-list';
import { nodesOf } from '../../../core/ledger/nodes';
import { consistencyProof } from '../../../core/ledger/proof';
import { openPulse, PULSE_MS, pulseKey, pulseTime, type Pulse } from '../../../core/ledger/pulse';
import { signedBytes } from '../../../core/ledger/signed';
import {
  fitsPulse,
  look,
  silence,
  statementOf,
  stillThere,
  type Alarm,
  type WitnessMemory,
} from '../../../core/ledger/witness';
import { statementText, witnessKey } from '../../../core/ledger/witness-statement';
import type { SealedStore } from '../../../core/ports/sealed-store';
import type { Signer } from '../../../core/ports/signer';
import type { WitnessMemoryStore } from '../../../core/ports/witness-memory';
import { Failure } from '../../../core/failure';
import { iso } from '../deps';

/** What a witness asks for. It reads the ledger's objects and writes only its own. */
export interface WitnessDeps {
  readonly now: () => number;
  /** The ledger's origin and public key, pinned when the witness was deployed. */
  readonly pinned: Pinned;
  readonly ledger: Pick<SealedStore, 'get'>;
  readonly own: SealedStore;
  readonly signer: Signer;
  readonly memory: WitnessMemoryStore;
}

/** At most this many checkpoints are followed at a look; there is a look each minute. */
const CHECKPOINTS = 200;

const NOTHING_SEEN: WitnessMemory = { size: 0, root: '', checkpointHash: NO_CHECKPOINT, time: '' };

export interface Witnessed {
  readonly size: number;
  readonly alarms: readonly Alarm[];
}

/**
 * Follows the ledger from the checkpoint the witness itself remembers, and countersigns the newest one that continues
 * it. What does not continue it is never countersigned and never remembered, so the alarm goes on until it is explained.
 */
export async function witness(deps: WitnessDeps): Promise<Witnessed> {
  const before = await deps.memory.read();
  let memory = before ?? NOTHING_SEEN;
  const alarms: Alarm[] = [];
  const gone = before && stillThere(before, await deps.ledger.get(checkpointKey(before.size)), deps.pinned);
  if (gone) return { size: memory.size, alarms: [gone] };
  let followed = 0;
  for (; followed < CHECKPOINTS; followed += 1) {
    const bytes = await nextCheckpoint(deps, memory.size);
    if (bytes === undefined) break;
    const consistency = (older: number, newer: number) => proofOf(deps, older, newer);
    const looked = await look(memory, { bytes, consistency }, deps.pinned);
    if (looked.state === 'alarm') alarms.push(looked.alarm);
    if (looked.state === 'alarm') break;
    memory = looked.memory;
  }
  if (memory.size > 0) await countersign(deps, before, memory);
  // Behind by more than one look: what the sealer says of itself is compared once this caught up.
  if (alarms.length === 0 && followed < CHECKPOINTS)
    alarms.push(...listen(memory, await lastPulse(deps), deps.now()));
  return { size: memory.size, alarms };
}

/** A ledger that is followed up to what is there tells by pulses that its sealer lives, and how far it is. */
function listen(memory: WitnessMemory, pulse: Pulse | undefined, now: number): readonly Alarm[] {
  const heardAt = pulse && pulse.time > memory.time ? pulse.time : memory.time;
  const found = [pulse && fitsPulse(memory, pulse), silence(heardAt === '' ? undefined : heardAt, now)];
  return found.filter((alarm) => alarm !== undefined);
}

/** The checkpoint after a size: its leaf list says how large the tree is then. */
async function nextCheckpoint({ ledger }: WitnessDeps, size: number): Promise<Uint8Array | undefined> {
  const bytes = await ledger.get(leafListKey(size));
  const list = bytes && readListText(bytes);
  return list && ledger.get(checkpointKey(size + list.lines.length));
}

/** Tiles that are missing or cut give no proof, and no proof is a fork to whoever checks. */
async function proofOf({ ledger }: WitnessDeps, older: number, size: number): Promise<readonly Buffer[]> {
  try {
    return await consistencyProof(
      nodesOf((key) => ledger.get(key), size),
      older,
      size,
    );
  } catch (error) {
    if (error instanceof Failure && error.name === 'EvidenceConflict') return [];
    throw error;
  }
}

/** Memory first: what was countersigned is never forgotten, and a countersignature that got lost is made up for. */
async function countersign(
  deps: WitnessDeps,
  before: WitnessMemory | undefined,
  memory: WitnessMemory,
): Promise<void> {
  if (memory.size !== before?.size && (await deps.memory.write(before, memory)) === 'moved on') return;
  const key = witnessKey(memory.size);
  if ((await deps.own.get(key)) !== undefined) return;
  const text = statementText(statementOf(memory, deps.pinned.origin, iso(deps.now())));
  await deps.own.put(key, signedBytes(text, await deps.signer.sign(Buffer.from(text))));
}

/** When the sealer last said that it found nothing: this turn, or one of the two before. */
async function lastPulse(deps: WitnessDeps): Promise<Pulse | undefined> {
  for (const turns of [0, 1, 2]) {
    const time = pulseTime(deps.now() - turns * PULSE_MS);
    const bytes = await deps.ledger.get(pulseKey(time));
    const pulse = bytes && openPulse(bytes, deps.pinned);
    if (pulse) return pulse;
  }
  return undefined;
}
