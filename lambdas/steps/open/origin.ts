import { childRunId } from '../../../core/bulk/list';
import { parseRecord, type Actor } from '../../../core/evidence/record';
import { Failure } from '../../../core/failure';
import type { Deps, Execution } from '../deps';
import { personOf } from './run';

/** Who asked for a revocation, when, and within what. */
export interface Origin {
  /** The deadline's clock runs from here: of a bulk revocation from when that was asked for. */
  readonly requestedAt: string;
  readonly actor: Actor;
  readonly trigger: 'emergency' | 'bulk';
  /** The bulk run it belongs to. */
  readonly about: string | null;
}

interface Asked {
  readonly identityId: string;
  readonly actor?: string | undefined;
  readonly bulk?: string | undefined;
}

/**
 * Where a revocation comes from. What it inherits from a bulk run is taken from that run's first record, so that no
 * input can pretend another time or person.
 * @throws Failure InvalidInput when it names a bulk run that did not start it
 */
export async function originOf(
  deps: Pick<Deps, 'evidence'>,
  execution: Execution,
  { identityId, actor, bulk }: Asked,
): Promise<Origin> {
  if (bulk === undefined)
    return { requestedAt: execution.startTime, actor: personOf(actor), trigger: 'emergency', about: null };
  const first = await deps.evidence.get('RUN', bulk, 0);
  const opened = first && parseRecord(first.body);
  if (
    opened?.type === 'RunOpened' &&
    opened.kind === 'bulk' &&
    execution.name === childRunId(bulk, identityId)
  )
    return { requestedAt: opened.requestedAt, actor: opened.actor, trigger: 'bulk', about: bulk };
  const message = `bulk: got ${JSON.stringify(bulk.slice(0, 96))}, which did not start this execution. The machine gapless-bulk alone sets this field; leave it out. Nothing was changed and no run was opened.`;
  throw new Failure('InvalidInput', message, 'none');
}
