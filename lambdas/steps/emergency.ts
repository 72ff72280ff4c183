import { SpillingEvidence } from '../../core/evidence/spilling';
import type { Deps } from './deps';

/**
 * The ports of a step of an emergency: it goes on while the evidence table takes no record. Every other run fails closed
 * before it changes anything, because its intent cannot be written. Made anew for each invocation.
 */
export function inEmergency<D extends Pick<Deps, 'evidence' | 'spill'>>(
  deps: D,
): D & { readonly evidence: SpillingEvidence } {
  return { ...deps, evidence: new SpillingEvidence(deps.evidence, deps.spill) };
}

/** The same for a run of any kind, of which only a revocation is an emergency. */
export function asKind<D extends Pick<Deps, 'evidence' | 'spill'>>(deps: D, kind: string | undefined): D {
  return kind === 'revocation' ? inEmergency(deps) : deps;
}
