import type { RecordOf } from '../../evidence/record';
import { actorOf, baseOf, identityOf, type Source } from './event-base';
import type { OcsfEvent } from './schema';

type EntityEvent = Extract<OcsfEvent, { class_uid: 3004 }>;
type Activity = EntityEvent['activity_id'];

const names: Readonly<Record<Activity, string>> = {
  1: 'Create',
  3: 'Update',
  4: 'Delete',
  8: 'Enable',
  9: 'Disable',
  10: 'Activate',
};

/** What a stage does to the credential; any other stage updates it. */
const activities: Readonly<Record<string, Activity>> = {
  Mint: 1,
  Promote: 10,
  PromoteBack: 10,
  Reinstate: 8,
  Retire: 9,
  Contain: 9,
  Undo: 9,
  Remove: 4,
};

/** A change of a credential, as OCSF 3004 Entity Management. The credential is named by its version, never by its value. */
export function entityEvent(source: Source<RecordOf<'ChangeMade'>>): EntityEvent {
  const { record } = source;
  const activity = activities[record.stage] ?? 3;
  const identity = identityOf(source);
  const uid = record.versionId || identity.id;
  return {
    ...baseOf(source, 3004, { id: activity, name: names[activity] }),
    class_uid: 3004,
    category_uid: 3,
    activity_id: activity,
    severity_id: record.effect === 'unknown' ? 3 : 1,
    ...statusOf(record.effect),
    actor: { user: actorOf(source) },
    entity: {
      uid,
      name: `${identity.id} ${uid}`,
      // OCSF 1.6 has no type of managed entity for a credential.
      type: `credential: ${identity.kind}`,
      type_id: 99,
      user: {
        name: identity.id,
        uid: identity.id,
        type: 'Service',
        type_id: 4,
        programmatic_credentials: [{ uid, type: identity.kind }],
      },
    },
  };
}

function statusOf(effect: RecordOf<'ChangeMade'>['effect']): Pick<EntityEvent, 'status' | 'status_id'> {
  switch (effect) {
    case 'applied':
    case 'alreadySo':
    case 'recovered':
      return { status: 'Success', status_id: 1 };
    case 'none':
      return { status: 'Failure', status_id: 2 };
    case 'notApplicable':
    case 'deferred':
    case 'unknown':
      return { status: effect, status_id: 99 };
    default:
      return effect satisfies never;
  }
}
