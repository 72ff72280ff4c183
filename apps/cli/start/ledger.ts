import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { bundleFiles } from '../../../core/ledger/bundle-files';
import type { Engine } from '../../local/engine';
import type { Connection } from '../connection';
import { writeBundle } from '../ledger/bundle-folder';
import { openLedger, type LiveLedger } from '../ledger/live-ledger';

/** The sealed ledger as another process found it, from a bundle, an origin and a key alone. */
export interface LedgerReport {
  /** Records under the last checkpoint. */
  readonly size: number;
  /** Those of them whose bytes were hashed again. */
  readonly sealed: number;
  readonly unsealed: number;
  readonly verified: boolean;
  /** Folder of the bundle, relative to the project. */
  readonly bundle: string;
  /** What the verifier said when it did not verify. */
  readonly broken: string | null;
}

export interface LedgerStage {
  readonly engine: Pick<Engine, 'lambda' | 'clock'>;
  readonly connection: Connection;
  /** The project's, and the one below it where bundle and key are put. */
  readonly project: string;
  readonly folder: string;
}

const SEALER = 'gapless-seal';
/** One look seals all there is; another one may have been at work, and records may come in between. */
const MOST_LOOKS = 20;
const LOOK_EVERY_MS = 100;
const sealing = z.object({ state: z.enum(['sealed', 'idle', 'busy']) });
const answer = z.object({
  verified: z.boolean(),
  size: z.prefault(z.number(), 0),
  records: z.prefault(z.number(), 0),
  unsealed: z.prefault(z.number(), 0),
});

/** Seals what was recorded, exports it, and lets a process that knows nothing else verify it. */
export async function sealAndVerify(stage: LedgerStage): Promise<LedgerReport> {
  await sealAll(stage.engine);
  const bundle = path.join(stage.folder, 'bundle');
  const key = path.join(stage.folder, 'ledger.pem');
  const ledger = openLedger(stage.connection);
  try {
    fs.rmSync(bundle, { recursive: true, force: true });
    const madeAt = new Date(stage.engine.clock.now()).toISOString();
    const about = { origin: ledger.origin, scope: { kind: 'ledger' }, madeAt, witness: undefined } as const;
    await writeBundle(bundle, bundleFiles(ledger.source, about));
    fs.writeFileSync(key, await ledger.publicKey());
    return await verifiedApart(stage.project, bundle, { origin: ledger.origin, key });
  } finally {
    ledger.close();
  }
}

/** Invokes the function that seals, as its schedule does, until it finds nothing new. */
async function sealAll({ lambda }: LedgerStage['engine']): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const outcome = await lambda.invoke(SEALER, {});
    if ('error' in outcome) throw new Error(`${SEALER} failed: ${outcome.error.errorMessage}`);
    const { state } = sealing.parse(JSON.parse(outcome.payload));
    if (state === 'idle') return;
    if (state === 'busy') await pause(LOOK_EVERY_MS);
  }
}

function verifiedApart(
  project: string,
  bundle: string,
  { origin, key }: Pick<LiveLedger, 'origin'> & { readonly key: string },
): Promise<LedgerReport> {
  const gapless = path.join(__dirname, '..', '..', '..', 'bin', 'gapless.js');
  const args = ['evidence', 'verify', '--bundle', bundle, '--origin', origin, '--key', key, '--json'];
  return new Promise((resolve) => {
    // No setting of this process is handed on: the verifier is to have nothing but its arguments.
    const options = { cwd: project, env: { PATH: process.env['PATH'] } };
    execFile(process.execPath, [gapless, ...args], options, (error, stdout, stderr) => {
      const said = answer.safeParse(stdout === '' ? undefined : JSON.parse(stdout));
      const { verified = false, size = 0, records = 0, unsealed = 0 } = said.data ?? {};
      const holds = error === null && verified;
      resolve({
        size,
        sealed: records,
        unsealed,
        verified: holds,
        bundle: path.relative(project, bundle),
        broken: holds ? null : `${stdout}${stderr}`.trim().slice(0, 1_000),
      });
    });
  });
}
