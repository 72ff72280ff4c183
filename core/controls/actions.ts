import * as z from 'zod/mini';

/** One of our actions or verifications; a closed list, so that no mapping row can name another. */
export const action = z.enum([
  'registerIdentity',
  'scheduledRotation',
  'newAccepted',
  'oldRefused',
  'sessionsEnded',
  'consumersMoved',
  'emergencyRevocation',
  'recoveryCheck',
  'offboarding',
  'approval',
  'privilegeCheck',
  'reuseCheck',
  'thirdPartyKey',
  'evidenceRecord',
  'evidenceExport',
  'driftReconciliation',
  'gapAnalysis',
  'outcomeReport',
  'notification',
]);
export type Action = z.infer<typeof action>;

/** What Gapless does or verifies, as far as a framework asks for it. `shownBy`: the records it can be read from. */
interface ActionText {
  readonly title: string;
  /** Null: no record of version 1 shows it, so no export claims it. */
  readonly shownBy: string | null;
}

/** Title and source of every action. */
export const actions: Readonly<Record<Action, ActionText>> = {
  registerIdentity: {
    title: 'identity registered with its owner',
    shownBy: 'RunOpened names identity and owner',
  },
  scheduledRotation: {
    title: 'credential rotated by policy',
    shownBy: 'RunClosed of a rotation',
  },
  newAccepted: {
    title: 'new credential seen accepted',
    shownBy: 'Judged, claim accepted (ProveNew, ConfirmNew)',
  },
  oldRefused: {
    title: 'old credential seen refused',
    shownBy: 'Judged, claim refused (ProveOld, ProveRefused); Breached',
  },
  sessionsEnded: {
    title: 'sessions of the old credential ended',
    shownBy: 'sessions counted in Judged (ProveOld, ProveRefused)',
  },
  consumersMoved: {
    title: 'consumers seen on the new version',
    shownBy: 'consumers in Judged',
  },
  emergencyRevocation: { title: 'credential revoked at once', shownBy: 'RunClosed of a revocation' },
  recoveryCheck: {
    title: 'state checked again afterwards',
    shownBy: 'RunClosed of a recheck; Judged of ProveRestored',
  },
  offboarding: { title: 'identity offboarded', shownBy: null },
  approval: { title: 'change approved by a second person', shownBy: 'ApprovalDecided' },
  privilegeCheck: { title: 'rights compared with use', shownBy: null },
  reuseCheck: { title: 'reuse, shared environments and human use looked for', shownBy: null },
  thirdPartyKey: { title: "third party's key treated like one's own", shownBy: null },
  evidenceRecord: {
    title: 'evidence recorded in verifiable chains',
    shownBy: 'both chains of a run, verified again at export',
  },
  evidenceExport: { title: 'evidence handed over whole', shownBy: null },
  driftReconciliation: { title: 'recorded state compared with live state', shownBy: null },
  gapAnalysis: { title: 'policy compared with what can be carried out', shownBy: null },
  outcomeReport: { title: 'outcomes reported', shownBy: null },
  notification: { title: 'owners notified', shownBy: null },
};
