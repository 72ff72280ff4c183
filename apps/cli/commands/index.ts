/**
 * The commands, each read when it is called for: together they are most of what there is to read, and one is called. A
 * `require`, because `import()` of a TypeScript file would need a second loader.
 */
export const commands = {
  approvals: (): typeof import('./approvals') => require('./approvals'),
  decide: (): typeof import('./decide') => require('./decide'),
  doctor: (): typeof import('./doctor') => require('./doctor'),
  obligations: (): typeof import('./obligations') => require('./obligations'),
  plan: (): typeof import('./plan') => require('./plan'),
  review: (): typeof import('./review') => require('./review'),
  revoke: (): typeof import('./revoke') => require('./revoke'),
  revokeBulk: (): typeof import('./revoke-bulk') => require('./revoke-bulk'),
  rotate: (): typeof import('./rotate') => require('./rotate'),
  up: (): typeof import('./up') => require('./up'),
  show: (): typeof import('./evidence') => require('./evidence'),
  exportBundle: (): typeof import('./evidence-bundle') => require('./evidence-bundle'),
  exportEvidence: (): typeof import('./evidence-export') => require('./evidence-export'),
  ledgerKey: (): typeof import('./evidence-key') => require('./evidence-key'),
  verifyEvidence: (): typeof import('./evidence-verify') => require('./evidence-verify'),
  listLapsed: (): typeof import('./evidence-lapsed') => require('./evidence-lapsed'),
  listEvidence: (): typeof import('./evidence-list') => require('./evidence-list'),
  runs: (): typeof import('./runs') => require('./runs'),
} as const;
