import path from 'node:path';
import { rmSync } from 'node:fs';
import { startEngine, type Engine } from '../../local/engine';
import { synthesise, type Synthesised } from '../../local/synth/synthesise';
import { publish, withdraw } from '../connection';
import { deploymentOf } from '../deployment';
import { Exit, exitCodes } from '../exit';
import { takeFolder } from '../folder-lock';
import { Interruption } from '../interrupt';
import { Terminal, type Speech } from '../output/terminal';

export interface UpOptions {
  readonly folder: string;
  readonly speech: Speech;
  readonly policiesDir: string;
  /** Folder of assembly and engine; kept from one start to the next. */
  readonly dataDir: string;
  /** ISO date. */
  readonly today: string;
}

/** Runs the app on the embedded engine until Ctrl-C. */
export async function up(options: UpOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const giveBack = takeFolder(options.folder);
  try {
    terminal.message(`Synthesising the CDK app for the policies in ${shown(options, options.policiesDir)}.`);
    await run(options, terminal, new Interruption());
    terminal.message('\nStopped. Registry, evidence and secrets are kept; gapless up goes on with them.');
    return exitCodes.ok;
  } finally {
    giveBack();
  }
}

async function run(options: UpOptions, terminal: Terminal, interruption: Interruption): Promise<void> {
  const dataDir = path.join(options.dataDir, 'engine');
  const { directory, stackNames } = await interruption.race(synthesiseFor(options));
  const engine = await interruption.race(startEngine({ assembly: directory, dataDir }));
  try {
    publish(options.folder, deploymentOf(engine, stackNames));
    describe(terminal, engine, options);
    await interruption.came;
  } finally {
    withdraw(options.folder);
    await engine.stop();
  }
}

async function synthesiseFor({ policiesDir, dataDir, today }: UpOptions): Promise<Synthesised> {
  const outdir = path.join(dataDir, 'assembly');
  rmSync(outdir, { recursive: true, force: true });
  try {
    return await synthesise({ policiesDir, outdir, today });
  } catch (error) {
    throw new Exit(
      'usage',
      `${error instanceof Error ? error.message : String(error)}\nNothing was started. See the policies with: npx gapless plan`,
    );
  }
}

function shown({ folder }: UpOptions, dir: string): string {
  return path.relative(folder, dir) || '.';
}

function describe(terminal: Terminal, { endpoint, region }: Engine, options: UpOptions): void {
  terminal.document({ endpoint, region, dataDir: shown(options, options.dataDir) });
  terminal.line(
    `Engine answers on ${endpoint} (region ${region}), for this machine only. Data: ${shown(options, options.dataDir)}`,
  );
  terminal.message(`Its keys are in .gapless/local.json. Put the secrets that the policies name there, with their gapless:use tags, for example:
  aws secretsmanager create-secret --endpoint-url ${endpoint} --name <name> --secret-string file://<file> --tags Key=gapless:use,Value=identity
Next, from another terminal in this folder: npx gapless doctor. The schedule sweeps every minute; it stays up until Ctrl-C.`);
}
