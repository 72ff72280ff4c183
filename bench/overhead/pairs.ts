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

async function sampled(work: () => Promise<void>): Promise<Sample> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}
