import { citation } from '../../controls/frameworks';
import type { Action } from '../../controls/actions';
import { controlsOf } from '../../controls/mapping';
import type { RecordOf, RunKind } from '../../evidence/record';
import { oneLine } from '../one-line';
import { said } from '../said';
import type { Source } from './event-base';
import { findingOf } from './finding-base';
import type { OcsfEvent } from './schema';

type ComplianceEvent = Extract<OcsfEvent, { class_uid: 2003 }>;
type Verdict = 'pass' | 'warning' | 'fail';

const statuses = {
  pass: { status: 'Pass', status_id: 1, severity_id: 1 },
  warning: { status: 'Warning', status_id: 2, severity_id: 3 },
  fail: { status: 'Fail', status_id: 3, severity_id: 4 },
} as const;

const verdictOf = { proven: 'pass', inconclusive: 'warning', disproven: 'fail' } as const;

/** What a run of a kind is asked to show when it closes. */
const askedOf = {
  rotation: 'scheduledRotation',
  revocation: 'emergencyRevocation',
  bulk: 'emergencyRevocation',
  settle: 'oldRefused',
  breach: 'oldRefused',
  approval: 'approval',
  confirmation: 'approval',
  recheck: 'recoveryCheck',
  review: 'driftReconciliation',
} as const satisfies Record<RunKind, Action>;

/** The action a proof is about. */
export function actionOf({ claim, stage }: RecordOf<'Judged'>): Action {
  if (stage === 'ProveRestored') return 'recoveryCheck';
  switch (claim) {
    case 'accepted':
      return 'newAccepted';
    case 'refused':
      return 'oldRefused';
    // Read back, for a credential that nobody can present: it shows a revocation, and no refusal.
    case 'contained':
      return 'emergencyRevocation';
    default:
      return claim satisfies never;
  }
}

/** A verdict of a probe, as OCSF 2003 Compliance Finding. Inconclusive is a warning, never a pass. */
export function proofFinding(source: Source<RecordOf<'Judged'>>): ComplianceEvent {
  const { record } = source;
  return complianceEvent(source, actionOf(record), record.versionId, verdictOf[record.finding]);
}

/** How a run ended, as OCSF 2003 Compliance Finding. */
export function outcomeFinding(source: Source<RecordOf<'RunClosed'>>): ComplianceEvent {
  const action = askedOf[source.run.opened?.kind ?? 'rotation'];
  return complianceEvent(source, action, null, outcomeVerdict(source.record.outcome));
}

function outcomeVerdict(outcome: RecordOf<'RunClosed'>['outcome']): Verdict {
  switch (outcome) {
    case 'verified':
      return 'pass';
    // Nothing was found out, or another run has it in hand.
    case 'inconclusive':
    case 'fenced':
    case 'recorded':
      return 'warning';
    case 'rolled-back':
    case 'revoke-pending':
    case 'refused':
    case 'not-approved':
    case 'aborted':
      return 'fail';
    default:
      return outcome satisfies never;
  }
}

function complianceEvent(
  source: Source,
  action: Action,
  versionId: string | null,
  claimed: Verdict,
): ComplianceEvent {
  // Records of a chain that does not verify prove nothing.
  const verdict = source.run.check.state === 'broken' && claimed === 'pass' ? 'warning' : claimed;
  const { severity_id: severity, ...status } = statuses[verdict];
  const desc = oneLine(said(source.record));
  const controls = controlsOf(action);
  return {
    ...findingOf(source, 2003, { action, versionId, desc, news: verdict === 'pass' ? 'good' : 'bad' }),
    class_uid: 2003,
    severity_id: severity,
    compliance: {
      control: action,
      standards: [...new Set(controls.map(({ framework, version }) => `${framework} ${version}`))],
      requirements: [...new Set(controls.map(citation))],
      ...status,
      status_details: [desc],
    },
  };
}
