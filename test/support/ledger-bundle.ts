import { generateKeyPairSync, sign } from 'node:crypto';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { MemorySigner } from '../../adapters/memory/signer';
import { memoryWitnessMemory } from '../../adapters/memory/witness-memory';
import type { Scope } from '../../core/ledger/bundle';
import { bundleFiles } from '../../core/ledger/bundle-files';
import { bundleSource, type BundleTrust, type Files } from '../../core/ledger/bundle-source';
import { pinnedKey, signedBytes } from '../../core/ledger/signed';
import { storeSource } from '../../core/ledger/store-source';
import { verifyLedger, type LedgerCheck } from '../../core/ledger/verify';
import { witness, type WitnessDeps } from '../../lambdas/steps/witness/run';
import { LEDGER_ID, START } from './chains';
import { rotationCopies } from './ledger-copies';
import { ledgerScene, sealerKeys, type Chains, type LedgerScene } from './ledger-scene';

/** Files of a bundle in memory, to be changed by a test. */
export type Bundle = Map<string, Buffer>;

export const witnessKeys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** A witness of a scene, with everything it keeps. */
export function witnessOf(scene: LedgerScene): WitnessDeps {
  return {
    now: () => scene.clock,
    pinned: scene.pinned,
    ledger: scene.sealed,
    own: new MemorySealedStore(),
    signer: new MemorySigner(witnessKeys.privateKey),
    memory: memoryWitnessMemory(),
  };
}

/** A ledger that was sealed and witnessed in steps, its bundle, and what an auditor pinned. */
export interface Audited {
  readonly scene: LedgerScene;
  readonly bundle: Bundle;
  readonly trusted: BundleTrust;
}

/** Seals and witnesses each group of runs, exports, and keeps copies as others keep them. */
export async function audited(groups: readonly (readonly Chains[])[], scope: Scope): Promise<Audited> {
  const scene = ledgerScene();
  const watcher = witnessOf(scene);
  for (const group of groups) {
    await scene.write(...group);
    await scene.seal();
    await witness(watcher);
    scene.clock += 60_000;
  }
  const source = storeSource({ sealed: scene.sealed, evidence: scene.evidence, index: scene.deps.index });
  const about = { origin: LEDGER_ID, scope, madeAt: START, witness: watcher.own };
  const bundle: Bundle = new Map();
  for await (const { path, bytes } of bundleFiles(source, about)) bundle.set(path, Buffer.from(bytes));
  const key = pinnedKey(witnessKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const trusted = {
    ...scene.pinned,
    scope,
    copies: [{ name: 'WORM copy', objects: scene.sealed }],
    witness: { key, objects: watcher.own },
    known: [],
  };
  return { scene, bundle, trusted };
}

/** Groups of verified rotations, each sealed under a checkpoint of its own. */
export function rotationGroups(groups: number, runs: number): readonly (readonly Chains[])[] {
  const copy = rotationCopies();
  return Array.from({ length: groups }, (_, group) =>
    Array.from({ length: runs }, (_, run) => copy(`run-${group}-${run}`)),
  );
}

/** A folder over files in memory. */
export function folderOf(bundle: ReadonlyMap<string, Buffer>): Files {
  return { read: async (path) => bundle.get(path), list: async () => [...bundle.keys()].toSorted() };
}

/** Verifies a bundle's ledger, its manifest left aside: whoever tampers writes a new manifest too. */
export function verifyFiles(
  bundle: ReadonlyMap<string, Buffer>,
  trusted: BundleTrust,
  scope: Scope = { kind: 'ledger' },
): Promise<LedgerCheck> {
  return verifyLedger(bundleSource(folderOf(bundle)), { ...trusted, scope });
}

/** Signs a text with the sealer's key, as somebody would who got hold of it. */
export function signedBySealer(text: string): Buffer {
  return signedBytes(text, sign('sha256', Buffer.from(text), sealerKeys.privateKey));
}
