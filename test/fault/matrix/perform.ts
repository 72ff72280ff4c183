import { caseNamed, faultsAt, nameOf, type Fault } from './fault';
import { boundaries } from './boundaries';
import type { Options } from './options';
import { pairs, shareOf, singles, singlesInTurn, type Planned } from './plan';
import { runTrial, type Result } from './trial';
import { worlds } from './worlds';
import type { World } from './world';

/** Pairs of a run: on the model, and on all its real targets together. */
const pairCounts = { ci: { model: 400, real: 200 }, full: { model: 12_000, real: 2_000 } } as const;

function pairsOn(name: string, { size, trials, connectors }: Options): number {
  if (trials !== undefined) return trials;
  const counts = pairCounts[size];
  if (name === 'model') return counts.model;
  return Math.ceil(counts.real / connectors.filter((each) => each !== 'model').length);
}

/** One result, and what brings it about again. */
export interface Performed extends Result {
  readonly connector: string;
  readonly replay: string;
  readonly faults: 1 | 2;
}

/** The cases of one connector. */
export function planFor(
  name: string,
  options: Options,
  world: World,
  faults: readonly Fault[],
): readonly Planned[] {
  const { strategies } = world;
  const { size, seed, only } = options;
  if (only !== undefined) {
    const [, strategy = '', ...rest] = only.split('/');
    return [{ strategy, trial: caseNamed(rest.join('/'), faults) }];
  }
  const alone = () => (size === 'ci' ? singlesInTurn(faults, strategies, seed) : singles(faults, strategies));
  return [
    ...(options.faults === 2 ? [] : alone()),
    ...(options.faults === 1 ? [] : pairs(faults, strategies, pairsOn(name, options), seed)),
  ];
}

/** Runs one worker's share of the trials, one after the other, and tells each result. */
export async function perform(
  options: Options,
  worker: number,
  tell: (result: Performed) => void,
): Promise<void> {
  const faults = faultsAt(await boundaries());
  for (const name of options.connectors) {
    const world = await (worlds[name] ?? unknownWorld(name))();
    try {
      const { part, workers } = options;
      const own = shareOf(planFor(name, options, world, faults), part.number - 1, part.of);
      const planned = shareOf(own, worker, workers);
      for (const [index, { strategy, trial }] of planned.entries()) {
        const result = await runTrial(world, strategy, trial, `w${worker}-t${index}`);
        const only = `${name}/${strategy}/${nameOf(trial)}`;
        const replay = `npm run fault -- --seed ${options.seed} --only ${only}`;
        tell({ ...result, connector: name, replay, faults: trial.faults.length === 1 ? 1 : 2 });
      }
    } finally {
      await world.stop();
    }
  }
}

function unknownWorld(name: string): never {
  throw new Error(`no target ${name}; nothing was run`);
}
