import type { BulkPlan } from '../../../core/bulk/plan';
import type { Census } from '../../../core/evidence/record';
import type { RunState } from '../../../core/run/state';
import type { Deps } from '../deps';

/** What the steps of a bulk revocation ask for. */
export type BulkPorts = Pick<
  Deps,
  'registry' | 'evidence' | 'policies' | 'lists' | 'bulk' | 'notices' | 'now' | 'ledgerId' | 'code'
>;

/** What OpenBulk hands on: the run and the list that the Distributed Map reads, or a plan and no run. */
export type BulkOpened =
  | {
      readonly does: 'revoke';
      readonly run: RunState;
      readonly list: { readonly key: string; readonly sha256: string };
      readonly count: number;
      readonly atOnce: number;
    }
  | { readonly does: 'dryRun'; readonly run: null; readonly plan: BulkPlan };

/** What CloseBulk found: still going on, or closed with everybody counted. */
export type BulkClosed =
  | { readonly state: 'open'; readonly open: number; readonly unstarted: number }
  | {
      readonly state: 'verified' | 'incomplete';
      readonly census: Census;
      /** Sentence for the console. */
      readonly cause: string;
    };
