import type { Sealable } from '../../core/evidence/chain';
import type { Statement } from '../../core/evidence/record';
import { exportedRun, type ExportedRun } from '../../core/export/exported-run';
import { closing, type Cause } from '../../core/run/closing';
import {
  after,
  chainOf,
  consumer,
  factsOf,
  flipped,
  intended,
  judged,
  made,
  opened,
  type Entry,
} from './chains';

// Runs of every outcome, for tests of what is exported of them.

/** What a run is made of: its records before RunClosed, its proofs, and how it is closed. */
interface Scene {
  readonly run: readonly Entry[];
  readonly proof?: readonly Entry[];
  readonly cause?: Cause;
  readonly owes?: readonly string[];
  readonly claims?: Partial<Extract<Statement, { type: 'RunClosed' }>>;
}

const retiring: Entry = {
  stage: 'Retire',
  statement: { type: 'ChangeIntended', change: 'retire', versionId: 'old', supersededId: null },
};
const rotation: readonly Entry[] = [
  opened(),
  intended('Mint'),
  made('Mint', after(10)),
  made('Promote', after(14)),
  retiring,
  made('Retire', after(20)),
];
const confirmed = judged('ConfirmNew', { versionId: 'new', consumers: [consumer('orders-api', 0)] });
const removed = [intended('Remove'), made('Remove', after(40))];
const other = (code: string, sentence: string): Cause => ({ code, category: 'other', sentence });
const owing = ['refusal old'];
const unseen = judged('ProveOld', {
  versionId: 'old',
  finding: 'inconclusive',
  cause: '=HYPERLINK("x"), "quoted"',
  firstStableRefusalAt: null,
  sessions: null,
});

/** A revocation of the versions given. */
function revocation(...versions: readonly string[]): readonly Entry[] {
  const contained = versions.flatMap(
    (versionId) =>
      [
        {
          stage: 'Contain',
          statement: { type: 'ChangeIntended', change: 'contain', versionId, supersededId: null },
        },
        made('Contain', after(20), { versionId, supersededId: null }),
      ] as const,
  );
  return [opened({ kind: 'revocation', reason: 'leaked' }), ...contained, ...removed];
}

/** Ledger, run and what a prober saw, by how the run ended. */
export const scenes = {
  verified: { run: [...rotation, ...removed], proof: [confirmed, judged('ProveOld', { versionId: 'old' })] },
  refused: {
    run: [opened()],
    cause: { code: 'PolicyGap', category: 'refused', sentence: 'No path can be probed.' },
  },
  slotServed: {
    run: [opened()],
    cause: { code: 'SlotServed', category: 'refused', sentence: 'Served already.' },
  },
  'rolled-back': {
    run: [...rotation.slice(0, 4), made('Undo', after(30))],
    proof: [judged('ProveRestored', { versionId: 'new' })],
    cause: other('ConsumersBehind', 'One stayed behind.'),
  },
  'revoke-pending': {
    run: rotation,
    proof: [confirmed, unseen],
    cause: other('Inconclusive', 'No answer.'),
    owes: owing,
  },
  inconclusive: { run: rotation, proof: [confirmed, unseen], cause: other('Inconclusive', 'No answer.') },
  disproven: {
    run: rotation,
    proof: [
      confirmed,
      judged('ProveOld', {
        versionId: 'old',
        finding: 'disproven',
        cause: 'accepted',
        firstStableRefusalAt: null,
      }),
    ],
    cause: other('OldAccepted', 'The old credential still works.'),
    owes: owing,
  },
  revoked: { run: revocation('old'), proof: [judged('ProveRefused', { versionId: 'old' })] },
  contained: {
    run: revocation('old', 'listed:key-2'),
    proof: [
      judged('ProveRefused', { versionId: 'old' }),
      judged('ProveRefused', { versionId: 'listed:key-2', claim: 'contained', firstStableRefusalAt: null }),
    ],
  },
  'not-approved': { run: [opened()], cause: other('NotApproved', 'Nobody approved it.') },
  fenced: {
    run: rotation,
    cause: { code: 'FenceLost', category: 'fenced', sentence: 'A newer run owns it.' },
  },
  aborted: { run: rotation, cause: other('TargetUnreachable', 'Nobody answered.') },
  breach: {
    run: [
      opened({ kind: 'breach', about: 'run-0', stages: [] }),
      { stage: 'Settle', statement: { type: 'Breached', obligation: 'refusal old', deadline: after(60) } },
    ],
    cause: other('DeadlineBroken', 'The refusal was due.'),
    owes: owing,
    claims: { outcome: 'revoke-pending' },
  },
} as const satisfies Record<string, Scene>;
export type SceneName = keyof typeof scenes;

const LABELS = ['NIST-800-53-IA-5', 'CSF PR.AC-1', 'HOUSE-7'];

/** Both stored chains of a scene; its run is named after it. */
export function chainsOf(name: SceneName): {
  readonly run: readonly Sealable[];
  readonly proof: readonly Sealable[];
} {
  const { run, proof = [], cause, owes = [], claims }: Scene = scenes[name];
  const of = { runId: name, controls: LABELS };
  const proofs = chainOf('PROOF', proof, {}, of);
  const statement = { ...closing(factsOf(chainOf('RUN', run, {}, of), proofs), cause, owes), ...claims };
  return {
    run: chainOf('RUN', [...run, { stage: 'Close', at: after(60), statement }], {}, of),
    proof: proofs,
  };
}

/** A scene as exports see it. */
export function sceneRun(name: SceneName): ExportedRun {
  const { run, proof } = chainsOf(name);
  return exportedRun(name, run, proof);
}

/** The verified rotation, before it closed. */
export function openRun(): ExportedRun {
  const { run, proof } = chainsOf('verified');
  return exportedRun('verified', run.slice(0, -1), proof);
}

/** The verified rotation with one record changed under its old hash. */
export function brokenRun(): ExportedRun {
  const { run, proof } = chainsOf('verified');
  return exportedRun(
    'verified',
    run.map((record) => (record.seq === 2 ? flipped(record) : record)),
    proof,
  );
}

/** One run of every outcome. */
export const everyRun: readonly ExportedRun[] = Object.keys(scenes).flatMap((name) =>
  isScene(name) ? [sceneRun(name)] : [],
);

function isScene(name: string): name is SceneName {
  return Object.hasOwn(scenes, name);
}
