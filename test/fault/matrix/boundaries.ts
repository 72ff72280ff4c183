import { sharedMachines } from '../../support/assembly';
import { path } from '../../support/machine-path';
import type { MachineJson } from '../../support/template';
import type { Boundary, Machine } from './fault';

/** Task states that a trial's run never enters, and why. */
export const notTried: Readonly<Record<string, string>> = {
  Approve: 'the policies of the trials ask for no second person',
  Approved: 'the policies of the trials ask for no second person',
  StartReissue: 'the trials revoke without a reissue, and it calls no function',
};

/** The task states of both machines in the order in which runs enter them, read from the synthesised app. */
export async function boundaries(): Promise<readonly Boundary[]> {
  const { Rotation, Revocation } = await sharedMachines();
  return [...ofMachine('Rotation', Rotation), ...ofMachine('Revocation', Revocation)];
}

function ofMachine(machine: Machine, json: MachineJson): readonly Boundary[] {
  const forward = path(json, json.StartAt);
  const isTask = (state: string) => json.States[state]?.Type === 'Task' && !(state in notTried);
  const back = Object.keys(json.States).filter((state) => !forward.includes(state));
  return [
    ...forward.filter(isTask).map((state) => ({ machine, state, way: 'forward' }) as const),
    ...inOrder(json, back)
      .filter(isTask)
      .map((state) => ({ machine, state, way: 'back' }) as const),
  ];
}

/** States so that each comes before the one it leads to. */
function inOrder(json: MachineJson, states: readonly string[]): readonly string[] {
  const leadsTo = (from: string): readonly string[] => {
    const { Next, Default, Choices = [] } = json.States[from] ?? {};
    return [Next, Default, ...Choices.map((choice) => choice.Next)].filter((next) => next !== undefined);
  };
  const found: string[] = [];
  const visit = (state: string): void => {
    if (found.includes(state) || !states.includes(state)) return;
    for (const next of leadsTo(state)) visit(next);
    found.unshift(state);
  };
  for (const state of states) visit(state);
  return found;
}
