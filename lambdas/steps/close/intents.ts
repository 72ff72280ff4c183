import { append } from '../../../core/evidence/append';
import { tokenOf, type Head, type Stamp } from '../../../core/evidence/chain';
import type { EvidenceRecord, RecordOf, Statement } from '../../../core/evidence/record';
import { containmentsOf } from '../../../core/run/revoking';
import { iso, type Deps } from '../deps';
import { proven, type Story } from '../heads';

/** The stages that close a run, and write the outcomes nobody else wrote. */
const closings = ['Close', 'CloseFailed'] as const;

/**
 * Gives every intent without an outcome one: a worker died, or its call failed, in the middle. Repeated, it finds its own
 * records.
 */
export async function resolveIntents(
  deps: Pick<Deps, 'evidence' | 'now'>,
  stamp: Stamp,
  story: Story,
  from: Head,
): Promise<{ readonly head: Head; readonly records: readonly EvidenceRecord[] }> {
  let head = from;
  const records: EvidenceRecord[] = [...story.run];
  for (const intent of openIntents(story.run)) {
    const entry = { chain: 'RUN', head, item: intent.token, at: iso(deps.now()) } as const;
    const written = await append(deps.evidence, stamp, { ...entry, statement: resolution(story, intent) });
    head = written.head;
    records.push(written.record);
  }
  return { head, records };
}

/** Intents nobody recorded an outcome for: a worker died, or its call failed, in the middle. */
function openIntents(records: readonly EvidenceRecord[]): readonly RecordOf<'ChangeIntended'>[] {
  const outcomes = records.filter((record) => record.type === 'ChangeMade').map((record) => record.token);
  const seen: string[] = [];
  const left = (tokens: readonly string[]) => outcomes.filter((one) => tokens.includes(one)).length;
  return records
    .filter((record): record is RecordOf<'ChangeIntended'> => record.type === 'ChangeIntended')
    .filter(({ token, runId }) => {
      // A stage that began anew has two intents of one token: each is owed an outcome of its own.
      seen.push(token);
      const nth = seen.filter((one) => one === token).length;
      const closed = closings.map((stage) => tokenOf(runId, stage, token));
      return nth > left([token, ...closed]);
    });
}

function resolution(story: Story, intent: RecordOf<'ChangeIntended'>): Statement {
  // Remove comes after the last probe.
  const refused = proven(story, 'ProveOld') || provenDead(story, intent.versionId);
  const probed = proven(story, 'ProveRestored') || (refused && intent.stage !== 'Remove');
  const effect = probed ? 'recovered' : 'unknown';
  const how = effect === 'recovered' ? 'a later probe showed the state' : 'no later probe showed the state';
  return {
    type: 'ChangeMade',
    effect,
    versionId: intent.versionId,
    remoteId: null,
    supersededId: intent.supersededId,
    requestId: null,
    cut: null,
    fingerprint: null,
    sessions: null,
    consumers: [],
    detail: `${intent.change} of stage ${intent.stage} left no outcome; ${how}`,
  };
}

/** Of a credential that was contained: the newest proof says that it is dead. */
function provenDead(story: Story, versionId: string | null): boolean {
  return containmentsOf(story).some(
    (each) => each.versionId === versionId && each.proof?.finding === 'proven',
  );
}
