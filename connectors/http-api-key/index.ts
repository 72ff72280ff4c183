import { connectorOf } from '../../core/capability';
import { operations } from './connector';
import { descriptor } from './descriptor';
import { probe } from './probe';

/** API keys of an HTTP service: plain data, verbs and probe. */
export const connector = connectorOf({ descriptor, operations, probe });
