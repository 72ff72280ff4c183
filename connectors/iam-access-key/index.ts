import { connectorOf } from '../../core/capability';
import { descriptor } from './descriptor';
import { mutator } from './mutator';
import { probe } from './probe';
import { prober } from './prober';

/** Access keys of IAM users: plain data, verbs and probe. */
export const connector = connectorOf({
  descriptor,
  operations: { ...prober.operations, ...mutator.operations },
  probe,
});
