import { exitCodes } from '../exit';
import { connect, type Connection } from '../connection';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';
import { openStores } from '../stores';
import { deploymentChecks } from '../doctor/deployment-checks';
import { machineChecks } from '../doctor/machine-checks';
import type { Check, Finding } from '../doctor/check';

export interface DoctorOptions {
  readonly folder: string;
  /** Folder of the policies. */
  readonly dir: string;
  readonly speech: Speech;
  /** ISO date. */
  readonly today: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Checks what Gapless needs, one line each. Reads only. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  terminal.message('Checking this machine, the policies, and the engine if one runs. Nothing is changed.');
  const findings = await examine(terminal, machineChecks(options.folder, options.dir, options.today));
  const connection = connectionOf(options.folder);
  if ('state' in connection) tell(terminal, findings, connection);
  else findings.push(...(await examineDeployment(terminal, connection, options)));
  const failed = findings.filter(({ state }) => state === 'failed');
  terminal.document({ checks: findings, failed: failed.length });
  terminal.message(
    failed.length === 0 ? 'Nothing failed.' : `${failed.length} failed. Each line says what to do.`,
  );
  return failed.length === 0 ? exitCodes.ok : exitCodes.gapFound;
}

function connectionOf(folder: string): Connection | Finding {
  try {
    return connect(folder, process.env);
  } catch (error) {
    return {
      name: 'engine',
      state: 'skipped',
      detail: error instanceof Error ? error.message : String(error),
    };
  }
}

async function examineDeployment(
  terminal: Terminal,
  connection: Connection,
  { now }: DoctorOptions,
): Promise<readonly Finding[]> {
  const stores = openStores(connection);
  try {
    return await examine(terminal, deploymentChecks(connection, stores, now));
  } finally {
    stores.close();
  }
}

async function examine(terminal: Terminal, checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, run } of checks) {
    terminal.status(`  · ${name} …`);
    const answer = await run().catch(
      (error: unknown) =>
        ({ state: 'failed', detail: error instanceof Error ? error.message : String(error) }) as const,
    );
    tell(terminal, findings, { name, ...answer });
  }
  return findings;
}

function tell(terminal: Terminal, findings: Finding[], finding: Finding): void {
  findings.push(finding);
  const { colours } = terminal;
  const mark = { ok: colours.green('✓'), skipped: colours.dim('-'), failed: colours.red('✗') }[finding.state];
  for (const line of table([[`${mark} ${finding.name.padEnd(12)}`, finding.detail]])) terminal.line(line);
}
