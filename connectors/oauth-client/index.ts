import { connectorOf } from '../../core/capability';
import { operations } from './connector';
import { descriptor } from './descriptor';
import { probe } from './probe';

/** Machine clients of an OAuth issuer: plain data, verbs and probe. */
export const connector = connectorOf({ descriptor, operations, probe });
