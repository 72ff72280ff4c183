import type { Connector } from '../../core/connector';
import { operations } from './connector';
import { descriptor } from './descriptor';
import { probe } from './probe';

/** PostgreSQL login roles: plain data, verbs and probe. */
export const connector: Connector = { descriptor, operations, probe };
