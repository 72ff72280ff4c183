import { connectorOf } from '../../core/capability';
import { operations } from './connector';
import { descriptor } from './descriptor';
import { probe } from './probe';

/** Access keys of IAM users: plain data, verbs and probe. */
export const connector = connectorOf({ descriptor, operations, probe });
