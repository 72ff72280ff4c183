import type { Mutator, Prober, Traits } from './connector';
import { Failure } from './failure';
import type { MutatorHalf, ProberHalf, Verb } from './verbs';

/** A mutator that has every verb: one that its kind did not declare fails with a sentence. */
export function mutatorOf<T extends Traits>({ descriptor, operations, probe }: MutatorHalf<T>): Mutator {
  const refused = undeclared(descriptor);
  const every = {
    remoteIdOf: refused('remoteIdOf'),
    preflight: refused('preflight'),
    list: refused('list'),
    mint: refused('mint'),
    apply: refused('apply'),
    issue: refused('issue'),
    suspend: refused('suspend'),
    revoke: refused('revoke'),
    countSessions: refused('countSessions'),
    endSessions: refused('endSessions'),
    isolate: refused('isolate'),
    block: refused('block'),
    unblock: refused('unblock'),
  };
  return { descriptor, operations: { ...every, ...operations }, ...(probe && { probe }) };
}

/** The same for a prober. */
export function proberOf<T extends Traits>({ descriptor, operations, probe }: ProberHalf<T>): Prober {
  const refused = undeclared(descriptor);
  const every = {
    remoteIdOf: refused('remoteIdOf'),
    list: refused('list'),
    countSessions: refused('countSessions'),
    boundSessions: refused('boundSessions'),
  };
  return { descriptor, operations: { ...every, ...operations }, probe };
}

function undeclared({ kind }: Pick<Traits, 'kind'>): (verb: Verb) => () => never {
  return (verb) => () => {
    const message = `${kind} does not declare ${verb}, so no step may call it. Nothing was changed`;
    throw new Failure('Internal', message, 'none');
  };
}
