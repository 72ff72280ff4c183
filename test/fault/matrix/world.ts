import type { MemoryVault } from '../../../adapters/memory/vault';
import type { Connector } from '../../../core/connector';
import type { Material } from '../../../core/material';

/** One identity at a target, with what the oracle asks the target itself. */
export interface TrialIdentity {
  readonly id: string;
  readonly secret: string;
  readonly policy: object;
  readonly connector: Connector;
  /** Secrets its policy names beside its own, by what they are for. */
  readonly others: readonly string[];
  store(vault: MemoryVault): void;
  /** Presents material at the target, without the product's probe. */
  accepts(material: Material): Promise<boolean>;
  /** Sessions that were opened with the first credential before the trial, and still live. */
  oldSessions(): Promise<number>;
  /**
   * Everything at the target that belongs to the identity and can let somebody in or be left behind, by name. Where a
   * rotation replaces the credential itself, the one in force has the same name before and after.
   */
  objects(inForce: Material | undefined): Promise<readonly string[]>;
  /** Epoch milliseconds of the target's own clock at the start; 0 where it has none that matters. */
  readonly startsAt: number;
  /** Puts the target's own clock, where it has one, no earlier than this (epoch milliseconds). */
  reach(now: number): Promise<void>;
  /** Ends what the trial opened. */
  end(): Promise<void>;
}

/** A target, and how many identities are made at it. */
export interface World {
  readonly name: string;
  readonly strategies: readonly string[];
  /** Longest that something lives which was made from a credential and can only be waited for, in milliseconds. */
  readonly derivedMs: number;
  seed(id: string, strategy: string): Promise<TrialIdentity>;
  stop(): Promise<void>;
}
