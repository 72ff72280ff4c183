import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as z from 'zod/mini';
import type { WitnessContext } from '../../../lib/context';

/** What the app is built from. */
export interface Synthesis {
  readonly policiesDir: string;
  /** Folder of the cloud assembly; replaced. */
  readonly outdir: string;
  /** ISO date. */
  readonly today: string;
  /** Makes the stack of a witness too. */
  readonly witness?: WitnessContext;
}

const answer = z.union([
  z.object({ directory: z.string(), stackNames: z.object({ evidence: z.string(), workflow: z.string() }) }),
  z.object({ failure: z.string() }),
]);

/** A cloud assembly on disk, and what its stacks are called. */
export type Synthesised = Exclude<z.infer<typeof answer>, { failure: string }>;

/**
 * Synthesises the CDK app: the same app that `cdk deploy` takes to AWS. It takes seconds of one core, so it has a
 * thread of its own and this one goes on.
 * @throws Error listing everything that is wrong with the policies
 */
export function synthesise(synthesis: Synthesis): Promise<Synthesised> {
  const worker = new Worker(join(__dirname, 'worker.js'), {
    workerData: synthesis,
    execArgv: ['--require', join(__dirname, '..', '..', 'typescript.js')],
  });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the synthesis ended without an assembly')));
    worker.once('message', (message: unknown) => {
      const told = answer.parse(message);
      if ('failure' in told) reject(new Error(told.failure));
      else resolve(told);
    });
  });
}
