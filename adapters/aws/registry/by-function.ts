import type { Approvals, Decisions, StartRequests } from '../../../core/ports/approvals';
import type {
  Claims,
  Debts,
  Enrolments,
  Fenced,
  Fleet,
  Identities,
  Leases,
  Markers,
  Obligations,
  OpenRuns,
  Owed,
  Preemptions,
  RunIndex,
  RunRegistry,
  Summaries,
} from '../../../core/ports/registry';
import type { AppendTable, Table } from '../dynamodb/table';
import { approvals, decisions } from './approvals';
import { claims, fenced } from './claims';
import { enrolments } from './enrolments';
import { fleet, identities } from './identities';
import { leases, releases } from './leases';
import { debts, obligations, owes } from './obligations';
import { markers, openRuns } from './open-runs';
import { preemptions } from './preemption';
import { startRequests } from './start-requests';
import { runIndex, summaries } from './summaries';

// The part of the registry that each function calls. Bundlers drop the others.

function ofRuns(table: Table): RunRegistry {
  return {
    ...identities(table),
    ...obligations(table),
    ...markers(table),
    ...summaries(table),
    ...releases(table),
    ...fenced(table),
  };
}

/** For the function that opens runs. */
export function forOpen(table: Table): RunRegistry & Leases & StartRequests {
  return { ...ofRuns(table), ...leases(table), ...startRequests(table) };
}

/** For the function that closes runs, and with them approvals that nobody decided. */
export function forClose(table: Table): RunRegistry & Decisions {
  return { ...ofRuns(table), ...decisions(table) };
}

/** For the function that hears who started what. */
export function forConfirm(table: Table): RunRegistry {
  return ofRuns(table);
}

/** For the functions that ask for approvals and take decisions. */
export function forApproval(table: Table): RunRegistry & Approvals & StartRequests {
  return { ...ofRuns(table), ...approvals(table), ...startRequests(table) };
}

/** For the function that revokes in bulk. Every revocation it starts is a run of its own, so it holds no identity. */
export function forBulk(
  table: Table,
): Identities & Fleet & Owed & Markers & Summaries & RunIndex & StartRequests {
  return {
    ...identities(table),
    ...fleet(table),
    ...owes(table),
    ...markers(table),
    ...summaries(table),
    ...runIndex(table),
    ...startRequests(table),
  };
}

/** For the function that looks for what nobody works on. */
export function forSettle(table: Table): RunRegistry & Debts & OpenRuns {
  return { ...ofRuns(table), ...debts(table), ...openRuns(table) };
}

/** For the functions of the sweep. */
export function forSweep(table: Table): Enrolments & Identities {
  return { ...enrolments(table), ...identities(table) };
}

/** For the function that starts runs for people. */
export function forRequests(table: Table): Identities & StartRequests {
  return { ...identities(table), ...startRequests(table) };
}

/** For the function that answers questions. */
export function forQuery(table: Table): Identities & Fleet & Obligations & Summaries & RunIndex {
  return {
    ...identities(table),
    ...fleet(table),
    ...obligations(table),
    ...summaries(table),
    ...runIndex(table),
  };
}

/** For the function that moves labels. */
export function forPromote(table: Table): Claims & Fenced & Obligations {
  return { ...claims(table), ...fenced(table), ...obligations(table) };
}

/** For mutators. */
export function forMutator(table: Table): Identities & Obligations & Claims & Fenced & Preemptions {
  return { ...forPromote(table), ...identities(table), ...preemptions(table) };
}

/** For probers, which change nothing. */
export function forProber(table: AppendTable): Owed {
  return owes(table);
}
