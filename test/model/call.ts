import type { IdentityRow } from '../../core/ports/registry';
import { pairOf } from '../../core/run/pair';
import { entry } from './entries';
import { append, registry, type Scene, type Then } from './ports';
import type { Version } from './world';

/** One call of a step, named as the product's port method; the model may stop a worker before each. */
export interface Call {
  readonly call: string | ((scene: Scene) => string);
  readonly act: (scene: Scene) => Then | void;
  /** Where other calls of the step may go on. */
  readonly at?: string;
  /**
   * Whether it touches nothing that anybody else can see as long as its execution runs: its own chains and marker. Such
   * a call commutes with whatever others do.
   */
  readonly own?: (scene: Scene) => boolean;
}

/** The calls of a step in their order; a list within it is made at once and may land in any order. */
export type Step = readonly (Call | readonly Call[])[];

/** What a changing step is about. */
export interface Subject {
  readonly version: Version | null;
  readonly superseded: Version | null;
}

export function good({ carried }: Scene): Version {
  return pairOf(carriedPair(carried))?.good ?? '';
}

export function bad({ carried }: Scene): Version {
  return pairOf(carriedPair(carried))?.bad ?? '';
}

function carriedPair({ candidate, superseded, direction }: Scene['carried']) {
  return { candidate, superseded, direction };
}

/** What a changing step does beside its act: a look before it, and the version rows that its release writes. */
interface Beside {
  readonly check?: Call;
  readonly versions?: (scene: Scene) => IdentityRow['versions'];
}

/** One change under the fence, as lambdas/steps/change.ts makes it: claim, intent, the act, then outcome and release. */
export function changing(
  stage: string,
  subjectOf: (scene: Scene) => Subject,
  acts: Step,
  { check, versions }: Beside = {},
): Step {
  const intend: Call = {
    call: 'evidence.put',
    act: (scene) => {
      const { version, superseded } = subjectOf(scene);
      const written = append(scene, 'chain', entry.intended(stage, version, superseded));
      if (written === undefined || typeof written !== 'object' || !('there' in written))
        return afterwards(written);
      scene.memory.repeated = true;
      const earlier = scene.run.chain[scene.carried.seq];
      if (earlier === undefined) return undefined;
      // The run has gone on without this delivery.
      if (!earlier.startsWith(`ChangeMade|${stage}|`)) return { fails: 'FenceLost' };
      if (scene.run.chain[scene.carried.seq + 1] !== undefined) scene.memory.late = true;
      return { to: 'made' };
    },
  };
  const made: Call = {
    call: 'evidence.put',
    at: 'made',
    act: (scene) =>
      afterwards(append(scene, 'chain', entry.made(stage, subjectOf(scene).version, 'applied'))),
  };
  const release: Call = {
    ...releaseBusy,
    act: (scene) => {
      const lost = versions && !scene.memory.late && registry.setVersions(scene, versions(scene));
      return lost || registry.releaseBusy(scene);
    },
  };
  return [claimBusy, intend, ...(check ? [check] : []), ...acts, [made, release]];
}

export const always = (): boolean => true;

export const claimBusy: Call = { call: 'registry.claimBusy', act: registry.claimBusy };
export const releaseBusy: Call = { call: 'registry.releaseBusy', act: registry.releaseBusy };

/** What an append leads to, whichever worker of the step wrote it. */
export function afterwards(written: ReturnType<typeof append>): Then {
  return typeof written === 'object' && 'there' in written ? undefined : written;
}

/** A step that proves: it observes, and its finding is recorded before it counts. A repeated one keeps what it found. */
export function proving(
  stage: string,
  claim: 'accepted' | 'refused',
  versionOf: (scene: Scene) => Version,
  observe: (scene: Scene) => 'proven' | 'disproven' | 'inconclusive',
): Step {
  return [
    { call: 'probe.observe', act: (scene) => void (scene.memory.finding = observe(scene)) },
    {
      call: 'evidence.put',
      act: (scene) => {
        const text = entry.judged(stage, versionOf(scene), claim, scene.memory.finding ?? '');
        const written = append(scene, 'proof', text);
        const stored = typeof written === 'object' && 'there' in written ? written.there : text;
        if (typeof written === 'object' && 'fails' in written) return written;
        if (!stored.endsWith('|proven'))
          return { fails: claim === 'accepted' ? 'NewRefused' : 'OldStillAccepted' };
        if (stage === 'ConfirmNew') scene.carried.confirmed = 'fresh';
        return undefined;
      },
    },
  ];
}

/** Looks at the label right before something is taken from the bad version, as lambdas/steps/in-force.ts does. */
export const inForce: Call = {
  call: 'vault.labels',
  act: (scene) =>
    scene.world.labels.current === good(scene) && good(scene) !== bad(scene)
      ? undefined
      : { fails: 'LabelsMoved' },
};
