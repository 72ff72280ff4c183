import { execFileSync } from 'node:child_process';
import os from 'node:os';

/** What a figure was measured on and with. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly platform: string;
  readonly node: string;
  /** Commit of the working tree, `+` after it when files differ from it; absent outside of a checkout. */
  readonly commit: string | undefined;
}

/** Describes this machine, this runtime and this working tree. */
export function machine(): Machine {
  const cpus = os.cpus();
  return {
    cores: cpus.length,
    model: cpus[0]?.model.trim() ?? 'unknown',
    platform: `${os.platform()} ${os.arch()}`,
    node: process.version,
    commit: commit(),
  };
}

/** One line for people. */
export function machineLine({ cores, model, platform, node, commit }: Machine): string {
  return `${cores} cores, ${model}, ${platform}, Node ${node}, commit ${commit ?? 'unknown'}`;
}

function commit(): string | undefined {
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return undefined;
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: __dirname,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
