import type { Descriptor } from '../../core/connector';
import { traits } from './traits';

/** Plain data about the kind: its traits, how it is told to people, and which rights it takes. */
export const descriptor = {
  ...traits,
  title: '_template',
  maturity: 'experimental',
  strategies: { alternating: { overlap: 'twoActive' } },
  derived: 'Not known yet.',
  testedAgainst: { nature: 'contract double', what: 'nothing yet' },
  rights: {},
} as const satisfies Descriptor;
