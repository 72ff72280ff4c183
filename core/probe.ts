import type { CredentialVersion } from './credential';
import type { Call, Subject } from './call';
import type { Material } from './material';

/**
 * What one presentation of a credential proved. Only answers a connector lists in advance prove anything; all else is
 * inconclusive (the third answer is what keeps dead apart from unreachable: trufflesecurity/trufflehog#4031).
 */
export type Verdict =
  | { readonly state: 'accepted' }
  | { readonly state: 'refused'; readonly signal: string }
  | { readonly state: 'inconclusive'; readonly cause: string };

/** One presentation: the verdict, the target's raw code and how long the answer took. */
export interface Observation {
  readonly verdict: Verdict;
  /** The target's own code (SQLSTATE, HTTP status, errno), for the auditor; never a message with data in it. */
  readonly rawCode: string;
  readonly latencyMs: number;
}

/** Presents credentials to the real target. It changes nothing there. No connector without one. */
export interface Probe {
  observe(
    subject: Subject,
    version: CredentialVersion,
    material: Material,
    path: ProbePath,
    call: Call,
  ): Promise<Observation>;
  /** Material of the same shape that nobody was ever given: the negative control. */
  randomLike(material: Material, call: Call): Material;
}

/** A way to the target: direct, or an edge, proxy or pooler the policy lists. `address` is host:port or a URL. */
export interface ProbePath {
  readonly id: string;
  readonly address?: string;
}
