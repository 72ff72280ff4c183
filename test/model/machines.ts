import type { Step } from './call';
import { closingSteps } from './steps/close';
import { revocationSteps } from './steps/revocation';
import { rotationSteps } from './steps/rotation';
import { settleSteps } from './steps/settle';
import { undoSteps } from './steps/undo';
import type { Carried, Worker } from './world';

/** Steps by name: what a seeded fault changes. */
export type Steps = Readonly<Record<string, Step>>;

export const steps: Steps = {
  ...rotationSteps,
  ...undoSteps,
  ...revocationSteps,
  ...settleSteps,
  ...closingSteps,
};

/** Where an execution goes on; undefined where it ends. */
type Next = string | undefined;

const ROUNDS = 2;

const forward: Readonly<Record<Worker['machine'], Readonly<Record<string, string>>>> = {
  Rotation: {
    Open: 'Mint',
    Mint: 'ProveNew',
    ProveNew: 'Promote',
    Promote: 'Distribute',
    Distribute: 'ConfirmNew',
    ConfirmNew: 'Retire',
    Retire: 'ProveOld',
    ProveOld: 'Remove',
    Remove: 'Close',
  },
  Revocation: {
    OpenRevocation: 'Contain',
    Contain: 'ProveRefused',
    ProveRefused: 'RemoveRevoked',
    RemoveRevoked: 'Close',
  },
  Settle: {
    Reassert: 'ConfirmNew',
    ConfirmNew: 'Retire',
    Retire: 'ProveOld',
    ProveOld: 'Remove',
    Remove: 'Close',
    Contain: 'ProveRefused',
    ProveRefused: 'RemoveRevoked',
    RemoveRevoked: 'Close',
  },
};

const back: Readonly<Record<string, string>> = {
  PromoteBack: 'DistributeBack',
  DistributeBack: 'Undo',
  Undo: 'ProveRestored',
  ProveRestored: 'CloseFailed',
};

/** The state after one that succeeded (lib/workflow). */
export function nextOf({ machine, step }: Worker, carried: Carried): Next {
  if (step === 'Adopt' || step === 'Pay') return directions[carried.direction ?? 'close'];
  if (step === 'Reinstate') return carried.candidate === null ? 'CloseFailed' : 'PromoteBack';
  return back[step] ?? forward[machine][step];
}

const directions: Readonly<Record<NonNullable<Carried['direction']>, string>> = {
  undo: 'Reinstate',
  pay: 'Reassert',
  contain: 'Contain',
  close: 'CloseFailed',
};

const reversible = ['Mint', 'ProveNew', 'Promote', 'Distribute', 'ConfirmNew'];

/** The state after one that failed, as its Catch says. */
export function caught({ machine, step, given }: Worker, code: string): Next {
  if (step === 'CloseFailed' || step === 'Adopt' || step === 'Pay') return undefined;
  if (step === 'ProveRefused' && code === 'OldStillAccepted' && given.round < ROUNDS) return 'Contain';
  if (step === 'Reinstate') return code === 'FenceLost' ? 'CloseFailed' : 'PromoteBack';
  if (machine === 'Rotation' && reversible.includes(step) && code !== 'FenceLost') return 'Reinstate';
  return 'CloseFailed';
}

/** Failures on the way back are not what the run closes with. */
export function keepsFailure(step: string): boolean {
  return step === 'Reinstate' || step in back;
}
