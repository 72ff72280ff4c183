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

/** The task states of both machines, read from the synthesised app. */
export async function boundaries(): Promise<readonly Boundary[]> {
  const { Rotation, Revocation } = await sharedMachines();
  return [...ofMachine('Rotation', Rotation), ...ofMachine('Revocation', Revocation)];
}

function ofMachine(machine: Machine, json: MachineJson): readonly Boundary[] {
  const forward = path(json, json.StartAt);
  return Object.entries(json.States)
    .filter(([state, { Type }]) => Type === 'Task' && !(state in notTried))
    .map(([state]) => ({ machine, state, way: forward.includes(state) ? 'forward' : 'back' }));
}
