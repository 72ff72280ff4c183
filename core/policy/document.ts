import { createHash } from 'node:crypto';
import { canonical } from '../evidence/canonical';
import type { Policy } from './schema';

/** A policy with the hash evidence refers to it by. */
export interface PolicyEntry {
  readonly policy: Policy;
  /** SHA-256 of the canonical policy body; the body is stored once as evidence `POLICY#<sha>`. */
  readonly sha256: string;
}

/** All policies of a deployment: one content-addressed document. `revision` is the hash of its entries. */
export interface PolicyDocument {
  readonly revision: string;
  readonly policies: readonly PolicyEntry[];
}

/** Compiles parsed policies; the same policies give the same revision whatever their order. */
export function compilePolicies(policies: readonly Policy[]): PolicyDocument {
  const entries = policies
    .map((policy) => ({ policy, sha256: sha256(canonical(policy)) }))
    .toSorted((a, b) => (a.policy.id < b.policy.id ? -1 : 1));
  return {
    revision: sha256(canonical(entries.map((entry) => entry.sha256))).slice(0, 16),
    policies: entries,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
