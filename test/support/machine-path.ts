import type { MachineJson, StateJson } from './template';

/** The states entered from one on, when every task succeeds and every choice takes `take`, or its default. */
export function path(
  machine: MachineJson,
  from: string,
  take: (name: string, state: StateJson) => string | undefined = () => undefined,
): string[] {
  const entered: string[] = [];
  for (let name: string | undefined = from; name !== undefined;) {
    const state: StateJson | undefined = machine.States[name];
    if (state === undefined || entered.includes(name))
      throw new Error(`no way on from ${entered.join(' > ')}`);
    entered.push(name);
    name = take(name, state) ?? state.Next ?? state.Default;
  }
  return entered;
}

/** A state of a machine by its name. */
export function stateOf(machine: MachineJson, name: string): StateJson {
  const state = machine.States[name];
  if (state === undefined) throw new Error(`no state ${name}`);
  return state;
}
