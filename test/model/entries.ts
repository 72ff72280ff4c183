import type { EvidenceRecord, RecordOf } from '../../core/evidence/record';
import type { Facts } from '../../core/run/facts';
import type { Run } from './world';

/**
 * Evidence as the model keeps it, one text per record, and the same as the product's rules read it. Only what those
 * rules look at differs between records.
 */
export const entry = {
  opened: () => 'RunOpened|Open',
  intended: (stage: string, version: string | null, superseded: string | null, item = version ?? '-') =>
    ['ChangeIntended', stage, item, version ?? '-', superseded ?? '-'].join('|'),
  made: (stage: string, version: string | null, effect: string, item = version ?? '-') =>
    ['ChangeMade', stage, item, version ?? '-', effect].join('|'),
  judged: (stage: string, version: string, claim: string, finding: string) =>
    ['Judged', stage, version, version, claim, finding].join('|'),
  closed: (stage: string, outcome: string, code: string) =>
    ['RunClosed', stage, '-', outcome, code].join('|'),
};

/** Type, stage and item: what tells a step's own earlier record from somebody else's. */
export function tokenIn(text: string): string {
  return text.split('|').slice(0, 3).join('|');
}

const common = {
  v: 1,
  ledgerId: '',
  prev: '',
  seq: 0,
  controls: [],
  actor: { type: 'schedule', id: '', assurance: 'verified' },
  code: { functionName: '', version: '', bundle: '' },
  at: '2026-01-01T00:00:00Z',
} as const;

const identity = {
  id: 'i',
  aliases: [],
  kind: '',
  strategy: '',
  owner: '',
  team: null,
  environment: null,
  platform: null,
  site: null,
};

/** RunOpened as the rules about obligations read it. */
export function openedOf(run: Run, runId: string): RecordOf<'RunOpened'> {
  return {
    ...common,
    controls: [],
    type: 'RunOpened',
    runId,
    chain: 'RUN',
    stage: 'Open',
    token: 'RunOpened|Open',
    fence: run.fence,
    kind: run.kind,
    identity,
    trigger: run.trigger,
    reason: null,
    slot: run.slot,
    attempt: 0,
    requestedAt: common.at,
    dueAt: null,
    deadline: null,
    policy: { id: '', revision: '', sha256: '' },
    stages: [],
    concurrentRuns: null,
    about: run.about,
  };
}

const orNull = (text: string | undefined) => (text === undefined || text === '-' ? null : text);

function recordOf(text: string, run: Run, runId: string): readonly EvidenceRecord[] {
  const [type, stage = '', item, version, last = '', finding] = text.split('|');
  const base = { ...common, controls: [], runId, stage, fence: run.fence, versionId: orNull(version) };
  const token = `${stage}|${item}`;
  if (type === 'RunOpened') return [openedOf(run, runId)];
  if (type === 'ChangeIntended')
    return [{ ...base, type, token, chain: 'RUN', change: '', supersededId: orNull(last) }];
  if (type === 'ChangeMade')
    return [
      {
        ...base,
        type,
        token,
        chain: 'RUN',
        effect: last === 'unknown' ? 'unknown' : 'applied',
        remoteId: null,
        supersededId: null,
        requestId: null,
        cut: null,
        fingerprint: null,
        sessions: null,
        consumers: [],
        detail: null,
      },
    ];
  return type === 'Judged' ? [judgedOf(base, token, last, finding ?? '')] : [];
}

function judgedOf(
  base: Omit<typeof common, 'controls'> &
    Pick<RecordOf<'Judged'>, 'runId' | 'stage' | 'fence' | 'versionId' | 'controls'>,
  token: string,
  claim: string,
  finding: string,
): RecordOf<'Judged'> {
  return {
    ...base,
    type: 'Judged',
    token,
    chain: 'PROOF',
    claim: claim === 'accepted' || claim === 'refused' ? claim : 'contained',
    finding: finding === 'proven' || finding === 'disproven' ? finding : 'inconclusive',
    cause: null,
    observed: [],
    rule: { refusals: 1, windowMs: 0, paths: [] },
    lastAcceptedAt: null,
    firstStableRefusalAt: null,
    sessions: null,
    sessionsZeroAt: null,
    consumers: [],
  };
}

/** The chains of a run as the product's rules read them. */
export function factsOf(run: Run, runId: string): Facts {
  return {
    run: run.chain.flatMap((text) => recordOf(text, run, runId)),
    proof: run.proof.flatMap((text) => recordOf(text, run, runId)),
    heads: { proofSeq: 0, proofPrev: '' },
  };
}
