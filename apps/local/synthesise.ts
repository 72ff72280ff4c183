import { buildApp } from '../../lib/app';

/** What the app is built from. */
export interface Synthesis {
  readonly policiesDir: string;
  /** Folder of the cloud assembly; replaced. */
  readonly outdir: string;
  /** ISO date. */
  readonly today: string;
}

/**
 * Synthesises the CDK app inside this process: the same app that `cdk deploy` takes to AWS.
 * @returns the folder of the cloud assembly
 * @throws Error listing everything that is wrong with the policies
 */
export function synthesise({ policiesDir, outdir, today }: Synthesis): string {
  return buildApp({ policiesDir, outdir, today }).synth().directory;
}
