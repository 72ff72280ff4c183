/** The ten ways in which a delivery of a task goes wrong. */
export const kinds = [
  'dies-before-effect',
  'dies-after-effect',
  'dies-after-outcome',
  'times-out-landed',
  'times-out-lost',
  'twice-at-once',
  'twice-later',
  'throttled',
  'refused-for-good',
  'unsure-read',
] as const;
export type Kind = (typeof kinds)[number];

/** How often the event arrives: once as it should, and so many more times by Lambda's own at-least-once delivery. */
export const deliveries = [1, 2, 3] as const;
export type Deliveries = (typeof deliveries)[number];

export type Machine = 'Rotation' | 'Revocation';

/** A task state of a machine; `way` says whether a run without trouble enters it, or only one that had some. */
export interface Boundary {
  readonly machine: Machine;
  readonly state: string;
  readonly way: 'forward' | 'back';
}

/** One fault at one boundary. */
export interface Fault extends Boundary {
  readonly kind: Kind;
  readonly deliveries: Deliveries;
}

/** What leads a run onto the way back; where no fault of a case does that, this one is put before those that need it. */
export const leads: Readonly<Record<Machine, string>> = { Rotation: 'ConfirmNew', Revocation: 'Contain' };

/** What a trial does to one run of a machine: the faults strike in their order, each at the next delivery of its state. */
export interface Case {
  readonly machine: Machine;
  readonly faults: readonly Fault[];
}

/** The name of a case, which `--only` takes: `Rotation/Mint.dies-before-effect.2+Close.throttled.1`. */
export function nameOf({ machine, faults }: Case): string {
  const parts = faults.map(({ state, kind, deliveries: times }) => `${state}.${kind}.${times}`);
  return `${machine}/${parts.join('+')}`;
}

/** Every fault at every boundary. */
export function faultsAt(boundaries: readonly Boundary[]): readonly Fault[] {
  return boundaries.flatMap((boundary) =>
    kinds.flatMap((kind) => deliveries.map((times) => ({ ...boundary, kind, deliveries: times }))),
  );
}

/** Reads the name of a case. @throws Error when one of its faults is not among those given */
export function caseNamed(name: string, faults: readonly Fault[]): Case {
  const [machine = '', list = ''] = name.split('/');
  const found = list.split('+').map((part) => {
    const fault = faults.find(
      (each) => nameOf({ machine: each.machine, faults: [each] }) === `${machine}/${part}`,
    );
    if (fault) return fault;
    const known = [...new Set(faults.map((each) => `${each.machine}/${each.state}`))].join(', ');
    throw new Error(
      `--only: got ${JSON.stringify(name)}, want <machine>/<state>.<kind>.<deliveries>[+...]; states are ${known}, kinds ${kinds.join(', ')}, deliveries 1 to 3`,
    );
  });
  const [first] = found;
  if (!first) throw new Error(`--only: ${JSON.stringify(name)} names no fault`);
  return { machine: first.machine, faults: found };
}
