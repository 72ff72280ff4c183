import { performance } from 'node:perf_hooks';

/** What one rotation took, in milliseconds. */
export interface Sample {
  /** From its start to its end. */
  readonly wallMs: number;
  /** CPU of this process and its threads; what the target did is not in it. */
  readonly cpuMs: number;
}

/** Samples of both sides, pair by pair. */
export interface Pairs {
  readonly bare: readonly Sample[];
  readonly pipeline: readonly Sample[];
}

const MOST_SET_ASIDE = 0.1;

/** Runs both sides turn by turn, A/B/A/B, so that whatever else the machine does meets both alike. */
export async function interleaved(
  pairs: number,
  a: () => Promise<void>,
  b: () => Promise<void>,
): Promise<Pairs> {
  const bare: Sample[] = [];
  const pipeline: Sample[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    bare.push(await sampled(a));
    pipeline.push(await sampled(b));
  }
  return { bare, pipeline };
}

/** Pairs of which both sides did the same at the target, and how many were set aside because they did not. */
export interface ComparablePairs extends Pairs {
  readonly setAside: number;
}

/**
 * Turn by turn, until `pairs` pairs opened as many sessions on one side as on the other. A statement that takes over
 * 20 ms is looked at by the connector with a session of its own; such a pair compares two different pieces of work.
 *
 * @param opened sessions that either side has opened so far, asked between pairs
 * @throws Error when more than a tenth of the pairs is set aside: then something other than chance differs
 */
export async function comparable(
  pairs: number,
  a: () => Promise<void>,
  b: () => Promise<void>,
  opened: () => Promise<readonly [number, number]>,
): Promise<ComparablePairs> {
  const bare: Sample[] = [];
  const pipeline: Sample[] = [];
  let setAside = 0;
  let before = await opened();
  while (bare.length < pairs) {
    const [ofA, ofB] = [await sampled(a), await sampled(b)];
    const after = await opened();
    const same = after[0] - before[0] === after[1] - before[1];
    before = after;
    if (same) {
      bare.push(ofA);
      pipeline.push(ofB);
    } else if ((setAside += 1) > pairs * MOST_SET_ASIDE) {
      throw new Error(`${setAside} pairs opened more sessions on one side; ${bare.length} were comparable`);
    }
  }
  return { bare, pipeline, setAside };
}

async function sampled(work: () => Promise<void>): Promise<Sample> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}
