import type { BulkLimits } from '../../core/bulk/plan';
import type { ConsumerPort } from '../../core/consumer';
import type { Connector, Mutator, Operations, Prober, Traits } from '../../core/connector';
import type { EvidenceRecord } from '../../core/evidence/record';
import type { Material } from '../../core/material';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import type { Executions } from '../../core/ports/executions';
import type { Notices } from '../../core/ports/notices';
import type { PolicyArchive } from '../../core/ports/policy-archive';
import type { Lists, Policies } from '../../core/ports/policies';
import type {
  Claims,
  Fenced,
  Identities,
  Obligations,
  Owed,
  Preemptions,
  Registry,
} from '../../core/ports/registry';
import type { Spill } from '../../core/ports/spill';
import type {
  Fingerprints,
  Vault,
  VaultCandidates,
  VaultLabels,
  VaultMaterial,
} from '../../core/ports/vault';

/** Time, randomness and waiting, as arguments. */
export interface Timing {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds on a monotonic clock. */
  readonly monotonic: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Everything a step may ask for; each step picks what it uses. */
export interface Deps extends Timing {
  readonly ledgerId: string;
  readonly code: EvidenceRecord['code'];
  /** The function's own timeout: how long `busyUntil` has to cover. */
  readonly timeoutMs: number;
  readonly random: (count: number) => Buffer;
  readonly registry: Registry;
  readonly evidence: EvidenceStore;
  /** Where an emergency keeps records while the evidence table takes none. */
  readonly spill: Spill;
  readonly policies: Policies;
  readonly archive: PolicyArchive;
  readonly vault: Vault;
  readonly fingerprints: Fingerprints;
  readonly consumers: ConsumerPort;
  readonly executions: Executions;
  readonly lists: Lists;
  readonly notices: Notices;
  /** What this deployment allows a bulk revocation. */
  readonly bulk: BulkLimits;
  readonly connector: Connector;
  /** What the function acts with at the cloud that runs it. */
  readonly own?: Material;
}

/** The parts of the registry that somebody calls: a function carries no others. */
export interface Using<R> {
  readonly registry: R;
}

/** What a step that acts through either half of a connector asks for. */
export type ConnectorDeps = Timing &
  Pick<Deps, 'ledgerId' | 'code' | 'timeoutMs' | 'random' | 'evidence' | 'spill' | 'policies' | 'own'> & {
    readonly vault: VaultMaterial;
    readonly connector: {
      readonly descriptor: Traits;
      readonly operations: Pick<Operations, 'remoteIdOf'>;
    };
  };

/** A changing step at a target; Mint notes where the consumers stand before anything changes. */
export type MutatorDeps = ConnectorDeps &
  Pick<Deps, 'fingerprints'> &
  Using<Identities & Obligations & Claims & Fenced & Preemptions> & {
    readonly connector: Mutator;
    readonly vault: VaultLabels & VaultMaterial & VaultCandidates;
    readonly consumers: Pick<ConsumerPort, 'observe'>;
  };

/** A proving step at a target; it also looks at consumers, and reads which run first saw what is owed refused. */
export type ProberDeps = ConnectorDeps &
  Using<Owed> & {
    readonly connector: Prober;
    readonly consumers: Pick<ConsumerPort, 'observe'>;
  };

/** What every step is told about the execution that runs it. */
export interface Execution {
  readonly id: string;
  readonly name: string;
  readonly startTime: string;
  readonly redriveCount: number;
}

/** ISO 8601 UTC of epoch milliseconds. */
export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
