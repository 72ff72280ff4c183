import type { Descriptor } from '../../core/connector';
import { targetSchema } from './target';

/** Plain data about the kind: what it can do, how long a change takes to be seen, and which rights that takes. */
export const descriptor = {
  kind: '_template',
  title: '_template',
  maturity: 'experimental',
  issueStyle: 'chosen',
  capabilities: ['rotate', 'list', 'suspend', 'revoke'],
  strategies: { alternating: { overlap: 'twoActive' } },
  sessions: 'none',
  derived: 'Not known yet.',
  testedAgainst: { nature: 'contract double', what: 'nothing yet' },
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 100 },
  probeBudgetSeconds: 1,
  refusalSignals: [],
  rights: {},
  target: targetSchema,
} as const satisfies Descriptor;
