import type { ProberHalf } from '../../core/verbs';
import { looks } from './looks';
import { probe } from './probe';
import { traits } from './traits';

/** The half of mtls-certificate that proves. */
export const prober: ProberHalf<typeof traits> = { descriptor: traits, operations: looks, probe };
