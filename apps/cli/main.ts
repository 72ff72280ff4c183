import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { doctor } from './commands/doctor';
import { show, verify } from './commands/evidence';
import { obligations } from './commands/obligations';
import { plan } from './commands/plan';
import { revoke } from './commands/revoke';
import { rotate } from './commands/rotate';
import { runs } from './commands/runs';
import { up } from './commands/up';
import { exiting, runProgram, speechOf, type CommonFlags } from './process';

const folder = process.cwd();
const today = new Date().toISOString().slice(0, 10);

const program = new Command('gapless')
  .description(
    'Rotates and revokes credentials, proves the old ones refused, keeps evidence. Exit codes: docs/exit-codes.md.',
  )
  .configureHelp({ showGlobalOptions: true });

/** A command with the flags that all have. */
function command(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--json', 'one JSON document on stdout, with schemaVersion')
    .option('-q, --quiet', 'no messages, only data and errors');
}

interface UpFlags extends CommonFlags {
  readonly policies: string;
  readonly data: string;
}

command(program, 'up', 'run the app here, on the embedded engine, until Ctrl-C')
  .option('--policies <folder>', 'folder of policy files', 'policies')
  .option('--data <folder>', 'where registry, evidence and secrets are kept', path.join('.gapless', 'up'))
  .action(
    exiting((flags: UpFlags) =>
      up({
        folder,
        speech: speechOf(flags),
        policiesDir: path.resolve(flags.policies),
        dataDir: path.resolve(flags.data),
        today,
      }),
    ),
  );

command(program, 'plan', 'show what the policies would do, and which design gaps are open; needs no engine')
  .option('--policies <folder>', 'folder of policy files', 'policies')
  .action(
    exiting((flags: CommonFlags & { readonly policies: string }) =>
      plan({ dir: path.resolve(flags.policies), folder, speech: speechOf(flags), today }),
    ),
  );

interface ByHandFlags extends CommonFlags {
  readonly reason: string;
  readonly actor?: string;
  readonly wait: boolean;
}

/** A command that starts a run on one identity. */
function byHand(usage: string, description: string): Command {
  return command(program, usage, description)
    .requiredOption('--reason <text>', 'why, 3 to 512 characters; kept in evidence')
    .option('--actor <name>', 'who asks for it; kept in evidence as claimed (default: the login name)')
    .option('--no-wait', 'start it and leave it to itself');
}

interface RotateFlags extends ByHandFlags {
  readonly reissue?: string;
}

byHand('rotate <identity>', 'rotate one identity now and watch it')
  .option('--reissue <run>', 'make a new credential after this revocation; always needs an approval')
  .action(
    exiting((identityId: string, flags: RotateFlags) =>
      rotate({
        folder,
        speech: speechOf(flags),
        identityId,
        reason: flags.reason,
        actor: flags.actor ?? os.userInfo().username,
        reissue: flags.reissue,
        until: flags.wait ? 'ended' : 'started',
        runId: randomUUID(),
      }),
    ),
  );

interface RevokeFlags extends ByHandFlags {
  readonly confirm?: string;
  readonly reissue?: true;
  readonly breakGlass?: true;
}

byHand('revoke <identity>', 'emergency: make every credential of an identity unusable now, and prove it')
  .option('--confirm <identity>', 'the id once more, instead of typing it when asked')
  .option('--reissue', 'ask for a new credential afterwards, by a run of its own')
  .option('--break-glass', 'go without the second person that the policy asks for; pages, and is reviewed')
  .action(
    exiting((identityId: string, flags: RevokeFlags) =>
      revoke({
        folder,
        speech: speechOf(flags),
        identityId,
        reason: flags.reason,
        actor: flags.actor ?? os.userInfo().username,
        confirm: flags.confirm,
        afterwards: flags.reissue ? 'reissue' : 'nothing',
        secondPerson: flags.breakGlass ? 'skipped' : 'asWanted',
        until: flags.wait ? 'ended' : 'started',
        runId: randomUUID(),
        asking: { input: process.stdin, output: process.stderr },
        monotonic: () => performance.now(),
      }),
    ),
  );

command(program, 'obligations', 'list what is owed: credentials to be seen refused, principals to be removed')
  .option('--identity <id>', 'obligations of one identity')
  .action(
    exiting(({ identity, ...flags }: CommonFlags & { readonly identity?: string }) =>
      obligations({ folder, speech: speechOf(flags), identity }),
    ),
  );

interface RunsFlags extends CommonFlags {
  readonly identity?: string;
  readonly since?: string;
  readonly outcome?: string;
  readonly limit: string;
}

command(program, 'runs', 'list runs, newest first')
  .option('--identity <id>', 'runs of one identity')
  .option('--since <when>', 'opened since then: 7d, 12h, or a date')
  .option('--outcome <outcome>', 'runs that ended so, or are open')
  .option('--limit <count>', 'at most this many', '50')
  .action(
    exiting(({ identity, since, outcome, limit, ...flags }: RunsFlags) =>
      runs({ folder, speech: speechOf(flags), identity, since, outcome, limit, now: Date.now() }),
    ),
  );

const evidence = program.command('evidence').description('show or verify the records of a run');
command(evidence, 'show <runId>', 'show every record of both chains').action(
  exiting((runId: string, flags: CommonFlags) => show({ folder, speech: speechOf(flags), runId })),
);
command(evidence, 'verify <runId>', 're-hash every record and follow every link').action(
  exiting((runId: string, flags: CommonFlags) => verify({ folder, speech: speechOf(flags), runId })),
);

command(program, 'doctor', 'check this machine, the engine, the policies and what is overdue')
  .option('--policies <folder>', 'folder of policy files', 'policies')
  .action(
    exiting((flags: CommonFlags & { readonly policies: string }) =>
      doctor({
        folder,
        dir: path.resolve(flags.policies),
        speech: speechOf(flags),
        today,
        now: () => Date.now(),
      }),
    ),
  );

void runProgram(program, process.argv);
