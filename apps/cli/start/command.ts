import path from 'node:path';
import { exitCodes, type ExitName } from '../exit';
import { publish, withdraw } from '../connection';
import type { Speech } from '../output/terminal';
import { Terminal } from '../output/terminal';
import { openStores } from '../stores';
import { openScene, type Scene } from '../../local/demo/scene';
import type { Breakage } from '../../local/demo/breakage';
import { aftermathOf, printAftermath, type Aftermath } from './aftermath';
import { deploymentOf } from '../deployment';
import { takeFolder } from '../folder-lock';
import { Interruption } from '../interrupt';
import { perform, type Performance } from './perform';
import { sealAndVerify, type LedgerReport } from './ledger';
import { exitOf } from './report';
import { printLedger, printSummary } from './summary';

export interface StartOptions {
  readonly folder: string;
  readonly speech: Speech;
  /** `once`: end when all is shown. `stay`: until Ctrl-C. */
  readonly stay: 'once' | 'stay';
  readonly start: 'fresh' | 'keep';
  readonly breakage: Breakage | undefined;
  /** `all`: one scene for every kind, after PostgreSQL's. */
  readonly kinds: 'postgres' | 'all';
  /** ISO date. */
  readonly today: string;
}

/** Folder of the demo's data, below the project folder. */
export const DEMO_FOLDER = path.join('.gapless', 'demo');

/** The main job, start to end; see docs/exit-codes.md for what it ends with. */
export async function start(options: StartOptions): Promise<number> {
  const terminal = new Terminal(options.speech);
  const folder = path.join(options.folder, DEMO_FOLDER);
  terminal.progress(
    `Gapless: credentials of a real PostgreSQL rotated and revoked, with proof. Everything is kept in ${DEMO_FOLDER}.`,
  );
  const { breakage, kinds, today } = options;
  const progress = (what: string) => terminal.progress(`  ${terminal.colours.green('✓')} ${what}`);
  const giveBack = takeFolder(options.folder);
  const interruption = new Interruption();
  const opening = openScene({ folder, start: options.start, breakage, kinds, today, progress });
  try {
    const scene = await interruption.race(opening);
    return exitCodes[await onStage(options, terminal, scene, interruption)];
  } finally {
    withdraw(options.folder);
    await opening.then(
      (scene) => scene.stop(),
      () => undefined,
    );
    giveBack();
  }
}

async function onStage(
  options: StartOptions,
  terminal: Terminal,
  scene: Scene,
  interruption: Interruption,
): Promise<ExitName> {
  const { engine } = scene;
  const local = deploymentOf(engine, scene.stackNames);
  publish(options.folder, local);
  const connection = { where: 'local', client: local, ...local } as const;
  const stores = openStores(connection);
  try {
    terminal.progress('  Time moves forward now, until the schedule finds the identities due.');
    const machines = { Rotation: local.rotationMachine, Settle: local.settleMachine };
    const shown = await interruption.race(perform({ scene, stores, terminal, connection, machines }));
    const aftermath = options.breakage && (await look(options.breakage, shown, scene));
    const folder = path.join(options.folder, DEMO_FOLDER);
    const ledger = await interruption.race(
      sealAndVerify({ engine, connection, project: options.folder, folder }),
    );
    printSummary(terminal, shown.runs, shown.chain);
    printLedger(terminal, ledger);
    if (aftermath) printAftermath(terminal, aftermath, shown.runs[0]);
    const exit = ledger.verified ? exitOf(shown.runs, shown.chain) : 'evidenceBroken';
    terminal.document(documentOf(scene, shown, ledger, aftermath));
    if (options.stay === 'once') {
      terminal.message(keptText(scene, shown));
      return exit;
    }
    printNext(terminal, scene, shown);
    await interruption.came;
    terminal.message('\nStopping. The evidence is kept; npm start -- --keep goes on with it.');
    return exit;
  } finally {
    stores.close();
  }
}

function look(breakage: Breakage, { runs }: Performance, { secrets, postgres }: Scene): Promise<Aftermath> {
  return aftermathOf(
    breakage,
    runs.find(({ kind }) => kind === 'rotation'),
    secrets,
    postgres.port,
  );
}

function documentOf(
  { engine }: Scene,
  { runs, chain, attacker }: Performance,
  { broken: _broken, ...ledger }: LedgerReport,
  aftermath: Aftermath | undefined,
): object {
  return {
    engine: { kind: 'embedded', endpoint: engine.endpoint, region: engine.region },
    runs,
    chain,
    ledger,
    ...(attacker && { attacker }),
    ...(aftermath && { break: aftermath }),
  };
}

/** After the engine has ended, its data can still be looked at through another one. */
function keptText({ policiesDir }: Scene, { runs }: Performance): string {
  const data = path.relative(process.cwd(), path.dirname(policiesDir));
  const policies = path.relative(process.cwd(), policiesDir);
  return `The evidence is kept. To look at it: npx gapless up --data ${data} --policies ${policies}, then npx gapless evidence show ${runs[0]?.runId ?? '<runId>'}. To keep everything running instead: npm start`;
}

function printNext(terminal: Terminal, { actors, policiesDir }: Scene, { runs }: Performance): void {
  const runId = runs[0]?.runId ?? '<runId>';
  const id = actors[0]?.identity.id ?? '<id>';
  terminal.line();
  terminal.line('It stays up until Ctrl-C. Look around from another terminal, in this folder:');
  for (const command of [
    'npx gapless runs',
    `npx gapless evidence show ${runId}`,
    `npx gapless evidence verify ${runId}`,
    `npx gapless rotate ${id} --reason "to see it happen"`,
    `npx gapless revoke ${id} --reason "to see it die"`,
    'npx gapless obligations',
    `npx gapless plan --policies ${path.relative(process.cwd(), policiesDir)}`,
    'npx gapless doctor',
  ]) {
    terminal.line(`  ${command}`);
  }
}
