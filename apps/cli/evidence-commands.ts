import type { Command } from 'commander';
import { commands } from './commands';
import { Exit } from './exit';
import { command, exiting, speechOf, type CommonFlags } from './process';
import { questionCommands } from './query-commands';

interface VerifyFlags extends CommonFlags {
  readonly since?: string;
  readonly until?: string;
  readonly all?: true;
  readonly bundle?: string;
  readonly origin?: string;
  readonly key?: string;
  readonly copy: readonly string[];
  readonly witness?: string;
  readonly witnessKey?: string;
  readonly seen: readonly string[];
}

interface ExportFlags extends CommonFlags {
  readonly format: string;
  readonly rows?: string;
  readonly period?: string;
  readonly run?: string;
  readonly identity?: string;
  readonly since?: string;
  readonly until?: string;
  readonly out?: string;
  readonly witness?: string;
}

/** Everything under `gapless evidence`. @param folder the project's */
export function evidenceCommands(program: Command, folder: string): void {
  const evidence = program
    .command('evidence')
    .description('list, show, verify or export the records of runs');
  questionCommands(evidence, folder);
  command(evidence, 'show <runId>', 'show every record of both chains').action(
    exiting((runId: string, flags: CommonFlags) =>
      commands.show().show({ folder, speech: speechOf(flags), runId }),
    ),
  );
  verifying(evidence, folder);
  command(evidence, 'key', 'tell what a verifier pins: the id of the ledger and the public key')
    .requiredOption('--out <file>', 'write the key, PEM, to this file, which must not exist')
    .action(
      exiting(({ out, ...flags }: CommonFlags & { readonly out: string }) =>
        commands.ledgerKey().ledgerKey({ folder, speech: speechOf(flags), out }),
      ),
    );
  exporting(evidence, folder);
}

/** Collects a flag that may be given more than once. */
function and(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function verifying(evidence: Command, folder: string): void {
  command(evidence, 'verify [runId]', 'verify sealed evidence, or the chains of one run: docs/evidence.md')
    .option('--since <when>', 'runs with a record sealed since then: 7d, 12h, or a date')
    .option('--until <when>', 'runs with a record sealed before then: 7d, 12h, or a date')
    .option('--all', 'the whole ledger')
    .option('--bundle <folder>', 'an exported bundle, offline')
    .option('--origin <id>', 'the id of the ledger, as you pinned it')
    .option('--key <file>', 'the public key, PEM, as you pinned it')
    .option(
      '--copy <place>',
      'a write-once copy to compare: a folder or s3://<bucket>; may be repeated',
      and,
      [],
    )
    .option('--witness <place>', 'countersignatures: a folder or s3://<bucket>')
    .option('--witness-key <file>', 'the public key of the witness, PEM, as you pinned it')
    .option('--seen <file>', 'what you saw before: a --json result, a checkpoint, an older bundle', and, [])
    .action(
      exiting((runId: string | undefined, flags: VerifyFlags) => {
        const { since, until, all, bundle, origin, key, copy, witness, witnessKey, seen } = flags;
        return commands.verifyEvidence().verifyEvidence({
          folder,
          speech: speechOf(flags),
          runId,
          since,
          until,
          all,
          bundle,
          origin,
          key,
          copies: copy,
          witness,
          witnessKey,
          seen,
          now: Date.now(),
        });
      }),
    );
}

function exporting(evidence: Command, folder: string): void {
  command(evidence, 'export', 'hand over the records of runs: docs/evidence-export.md')
    .requiredOption(
      '--format <format>',
      'jsonl, csv, oscal (assessment results 1.2), ocsf (1.6 events) or bundle (sealed, for a verifier)',
    )
    .option('--rows <rows>', 'csv: one row per run or per record; runs or records (default: records)')
    .option('--period <period>', 'oscal: one result per whole, month or quarter (default: whole)')
    .option('--run <runId>', 'one run')
    .option('--identity <id>', 'runs of one identity')
    .option('--since <when>', 'opened (bundle: sealed) since then: 7d, 12h, or a date')
    .option('--until <when>', 'opened (bundle: sealed) before then: 7d, 12h, or a date')
    .option('--out <file>', 'write to this file, or bundle folder, which must not exist, instead of stdout')
    .option('--witness <place>', 'bundle: take the countersignatures along: a folder or s3://<bucket>')
    .action(exiting((flags: ExportFlags) => exportAs(flags, folder)));
}

function exportAs(
  { format, rows, period, run, identity, since, until, out, witness, ...flags }: ExportFlags,
  folder: string,
): Promise<number> {
  const common = { folder, speech: speechOf(flags), since, until, out, now: Date.now() };
  if (format !== 'bundle' && witness === undefined)
    return commands.exportEvidence().exportEvidence({ ...common, format, rows, period, run, identity });
  if (format === 'bundle' && [rows, period, identity].every((each) => each === undefined))
    return commands.exportBundle().exportBundle({ ...common, runId: run, witness });
  throw new Exit(
    'usage',
    '--format bundle takes --run, --since, --until and --witness alone; --rows, --period and --identity belong to other formats, and --witness to none of them. Nothing was read.',
  );
}
