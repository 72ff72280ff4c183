import { ocsfEvents, ocsfLines } from '../../core/export/ocsf/events';
import { ocsfEvent, type OcsfEvent } from '../../core/export/ocsf/schema';
import { brokenRun, everyRun, openRun, scenes, sceneRun, type SceneName } from '../support/exported-runs';

const PRODUCT = '0.1.0';
const names = Object.keys(scenes).filter((name): name is SceneName => name in scenes);
const eventsOf = (name: SceneName) => ocsfEvents([sceneRun(name)], PRODUCT);

type Class = OcsfEvent['class_uid'];
function ofClass<C extends Class>(
  events: readonly OcsfEvent[],
  wanted: C,
): Extract<OcsfEvent, { class_uid: C }>[] {
  return events.filter((event): event is Extract<OcsfEvent, { class_uid: C }> => event.class_uid === wanted);
}

const statusesOf = (name: SceneName) =>
  ofClass(eventsOf(name), 2003).map(({ compliance }) => [compliance.control, compliance.status]);

const uidOf = (name: SceneName) =>
  ofClass(eventsOf(name), 2003).find(({ compliance }) => compliance.control === 'oldRefused')?.finding_info
    .uid;

const severities = (events: readonly OcsfEvent[]) => ofClass(events, 2004).map(({ severity_id: id }) => id);

describe('every event', () => {
  it.each(names)('of a run that ended %s has what its class requires', (name) => {
    const events = eventsOf(name);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      expect(ocsfEvent.safeParse(event).success).toBe(true);
      expect(event.type_uid).toBe(event.class_uid * 100 + event.activity_id);
    }
  });

  it('has an identifier of its own', () => {
    const events = ocsfEvents([...everyRun], PRODUCT);
    expect(new Set(events.map(({ metadata }) => metadata.uid)).size).toBe(events.length);
  });

  it('names its record, the chain and the record before', () => {
    const [retire] = ofClass(eventsOf('verified'), 3004).filter(({ activity_id: id }) => id === 9);
    const run = sceneRun('verified').records;
    expect(retire?.unmapped.record_integrity).toEqual({
      chain_uid: 'urn:gapless:ledger-1:RUN:verified',
      prev_event: {
        uid: 'urn:gapless:ledger-1:RUN:verified:000004',
        fingerprint: { algorithm: 'SHA-256', algorithm_id: 3, value: run[4]?.stored.hash },
      },
      fingerprint: { algorithm: 'SHA-256', algorithm_id: 3, value: run[5]?.stored.hash },
    });
  });

  it('is one line', () => {
    const lines = ocsfLines([sceneRun('verified')], PRODUCT)
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => ocsfEvent.safeParse(JSON.parse(line)).success)).toEqual(
      eventsOf('verified').map(() => true),
    );
  });
});

describe('the schema', () => {
  const [event] = eventsOf('verified');

  it.each([
    'activity_id',
    'category_uid',
    'class_uid',
    'type_uid',
    'severity_id',
    'time',
    'metadata',
    'entity',
  ])('refuses an event without %s', (field) => {
    const without = Object.fromEntries(Object.entries(event ?? {}).filter(([name]) => name !== field));
    expect(ocsfEvent.safeParse(event).success).toBe(true);
    expect(ocsfEvent.safeParse(without).success).toBe(false);
  });

  it.each([
    { case: "another activity's type_uid", change: { type_uid: 300_403 } },
    { case: 'a field of nobody', change: { secret: 'x' } },
    { case: 'another version', change: { metadata: { ...event?.metadata, version: '1.5.0' } } },
    { case: 'a time in text', change: { time: '2026-03-01T00:00:00Z' } },
  ])('refuses $case', ({ change }) => {
    expect(ocsfEvent.safeParse({ ...event, ...change }).success).toBe(false);
  });
});

describe('a change of a credential', () => {
  it('is Entity Management of the version, with the service it belongs to', () => {
    const changes = ofClass(eventsOf('verified'), 3004);
    expect(changes.map(({ activity_name: name }) => name)).toEqual([
      'Create',
      'Activate',
      'Disable',
      'Delete',
    ]);
    expect(changes[0]).toMatchObject({
      type_uid: 300_401,
      entity: {
        uid: 'new',
        type: 'credential: postgres-role',
        type_id: 99,
        user: {
          uid: 'orders-db',
          type_id: 4,
          programmatic_credentials: [{ uid: 'new', type: 'postgres-role' }],
        },
      },
    });
  });
});

describe('a verdict', () => {
  it.each<[SceneName, string]>([
    ['verified', 'Pass'],
    ['inconclusive', 'Warning'],
    ['fenced', 'Warning'],
    ['refused', 'Fail'],
    ['rolled-back', 'Fail'],
    ['revoke-pending', 'Fail'],
    ['not-approved', 'Fail'],
    ['aborted', 'Fail'],
  ])('on a rotation that ended %s is %s', (name, status) => {
    expect(statusesOf(name).at(0)).toEqual(['scheduledRotation', status]);
  });

  it('of a probe is a pass when proven, a warning when nothing was found out, a fail when it was accepted', () => {
    expect(statusesOf('verified')).toContainEqual(['oldRefused', 'Pass']);
    expect(statusesOf('inconclusive')).toContainEqual(['oldRefused', 'Warning']);
    expect(statusesOf('disproven')).toContainEqual(['oldRefused', 'Fail']);
  });

  it('cites official controls with framework and version', () => {
    const [finding] = ofClass(eventsOf('verified'), 2003).filter(
      ({ compliance }) => compliance.control === 'oldRefused',
    );
    expect(finding?.compliance.standards).toContain('NIST CSF 2.0');
    expect(finding?.compliance.requirements).toContain('PCI DSS 4.0.1 8.6.3');
  });

  it('answers an earlier one about the same version under the same finding', () => {
    expect(uidOf('inconclusive')).toBe(uidOf('verified'));
  });
});

describe('a detection', () => {
  it.each<[SceneName, readonly number[]]>([
    ['verified', []],
    ['inconclusive', [3]],
    ['disproven', [4]],
    ['breach', [5]],
  ])('of a run that ended %s has the severities %j', (name, expected) => {
    expect(severities(eventsOf(name))).toEqual(expected);
  });

  it('is raised for chains that do not verify, and no verdict of theirs is a pass', () => {
    const events = ocsfEvents([brokenRun()], PRODUCT);
    expect(severities(events)).toEqual([5]);
    expect(ofClass(events, 2004)[0]?.finding_info.desc).toContain('RUN seq 2: expected hash');
    expect(ofClass(events, 2003).map(({ compliance }) => compliance.status)).toEqual([
      'Warning',
      'Warning',
      'Warning',
    ]);
  });

  it('is not raised for a run that is still open', () => {
    expect(severities(ocsfEvents([openRun()], PRODUCT))).toEqual([]);
  });
});
