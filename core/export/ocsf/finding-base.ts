import { actions, type Action } from '../../controls/actions';
import { uuidOf } from '../uuid';
import { baseOf, identityOf, type Source } from './event-base';

/** What every finding says of its subject. */
interface Subject {
  readonly action: Action;
  /** The credential version, where the finding is about one. */
  readonly versionId: string | null;
  readonly desc: string;
  /** `good`: nothing is left to do about it. */
  readonly news: 'good' | 'bad';
}

/** The attributes that findings of both classes have. */
export function findingOf(source: Source, classUid: 2003 | 2004, { action, versionId, desc, news }: Subject) {
  const { record } = source;
  const { id, kind, owner } = identityOf(source);
  return {
    ...baseOf(source, classUid, { id: 1, name: 'Create' }),
    category_uid: 2 as const,
    activity_id: 1 as const,
    ...(news === 'good'
      ? ({ status: 'Resolved', status_id: 4 } as const)
      : ({ status: 'New', status_id: 1 } as const)),
    finding_info: {
      // The same for the same question, so that a later answer is seen to belong to an earlier one.
      uid: uuidOf('ocsf-finding', String(classUid), record.ledgerId, id, versionId ?? '', action),
      title: actions[action].title,
      desc,
      types: [action],
      created_time: Date.parse(record.at),
    },
    resources: [{ uid: versionId || id, type: `credential: ${kind}`, name: id, owner: { name: owner } }],
  };
}
