import { createHash } from 'node:crypto';
import { Material } from '../../../core/material';
import type { Vault } from '../../../core/ports/vault';
import type { Machine } from './fault';
import type { Journal } from './journal';
import { isEffect, recordIn, type PortCall } from './port-calls';
import type { Watch } from './striker';
import type { TrialIdentity } from './world';

/** Calls after which somebody may no longer be let in. */
const turning = ['apply', 'issue', 'suspend', 'revoke', 'block'];

/**
 * Writes into the journal what every call did, and sees after each change of a rotation that somebody can still log in.
 * `materials` gets every version the vault is given, by its id.
 */
export function watching(
  { secret, accepts }: Pick<TrialIdentity, 'secret' | 'accepts'>,
  machine: Machine,
  journal: Journal,
  materials: Map<string, Material>,
  vault: () => Vault,
): Watch {
  const sample = async (after: string): Promise<void> => {
    journal.samples += 1;
    const { current, pending, previous } = await vault().labels(secret);
    for (const id of new Set([current, pending, previous])) {
      const material = id === undefined ? undefined : materials.get(id);
      if (material && (await accepts(material))) return;
    }
    journal.lockedOut.push(`nobody is let in after ${after}`);
  };
  return async (call, perform, stage) => {
    noteBefore(call, stage, journal, materials);
    const answer = await perform();
    const record = recordIn(call);
    if (record && answer === 'stored') journal.seen.push({ what: 'record', ...record });
    if (machine === 'Rotation' && call.port === 'target' && turning.includes(call.method))
      await sample(`${call.method} of ${stage}`);
    return answer;
  };
}

/** An effect counts from the moment it is asked for: it may land although its answer is lost. */
function noteBefore(
  call: PortCall,
  stage: string,
  { seen }: Journal,
  materials: Map<string, Material>,
): void {
  const { port, method, args } = call;
  const material = args.find((each) => each instanceof Material);
  if (port === 'vault' && method === 'putPending' && material) materials.set(String(args[1]), material);
  if (port !== 'target' || !isEffect(call)) return;
  const runId = text(args.at(-1), 'runId');
  const versionId = text(args[1], 'versionId');
  seen.push({ what: 'effect', runId, stage, method, versionId });
  if (method === 'apply' && material) {
    const value = createHash('sha256').update(material.toVaultText()).digest('hex');
    seen.push({ what: 'applied', versionId, value });
  }
}

function text(from: unknown, field: string): string {
  const found: unknown = from !== null && typeof from === 'object' ? Reflect.get(from, field) : undefined;
  return typeof found === 'string' ? found : '';
}
