import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { whomOf, type WhomFlags } from './commands/whom';
import { evidenceCommands } from './evidence-commands';
import { commands } from './commands';
import { command, exiting, runProgram, speechOf, type CommonFlags } from './process';
import { runsCommand } from './query-commands';

const folder = process.cwd();
const today = new Date().toISOString().slice(0, 10);

const program = new Command('gapless')
  .description(
    'Rotates and revokes credentials, proves the old ones refused, keeps evidence. Exit codes: docs/exit-codes.md.',
  )
  .configureHelp({ showGlobalOptions: true });

interface UpFlags extends CommonFlags {
  readonly policies: string;
  readonly data: string;
}

command(program, 'up', 'run the app here, on the embedded engine, until Ctrl-C')
  .option('--policies <folder>', 'folder of policy files', 'policies')
  .option('--data <folder>', 'where registry, evidence and secrets are kept', path.join('.gapless', 'up'))
  .action(
    exiting((flags: UpFlags) =>
      commands.up().up({
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
      commands.plan().plan({ dir: path.resolve(flags.policies), folder, speech: speechOf(flags), today }),
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
    .option(
      '--actor <name>',
      'who asks for it, where no session says so: on a local engine, or without the requests URL (default: the login name)',
    )
    .option('--no-wait', 'start it and leave it to itself');
}

interface RotateFlags extends ByHandFlags {
  readonly reissue?: string;
}

byHand('rotate <identity>', 'rotate one identity now and watch it')
  .option('--reissue <run>', 'make a new credential after this revocation; always needs an approval')
  .action(
    exiting((identityId: string, flags: RotateFlags) =>
      commands.rotate().rotate({
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

interface RevokeFlags extends ByHandFlags, WhomFlags {
  readonly confirm?: string;
}

byHand(
  'revoke [identities...]',
  'emergency: make every credential of one identity, or of everybody selected, unusable now, and prove it',
)
  .option('--owner <owner>', 'everybody of this owner')
  .option('--tag <tag>', 'everybody with this tag or control')
  .option('--kind <kind>', 'everybody of this kind')
  .option('--incident <name>', 'the identities that are named, as one incident')
  .option('--dry-run', 'of a selection: list what would die and what depends on it, and change nothing')
  .option('--confirm <text>', 'the id, or the number of those selected, instead of typing it when asked')
  .option('--reissue', 'ask for a new credential afterwards, by a run of its own')
  .option('--break-glass', 'go without the second person that the policy asks for; pages, and is reviewed')
  .action(
    exiting(async (identities: readonly string[], flags: RevokeFlags) => {
      const whom = whomOf(identities, flags);
      const asked = {
        folder,
        speech: speechOf(flags),
        reason: flags.reason,
        actor: flags.actor ?? os.userInfo().username,
        confirm: flags.confirm,
        until: flags.wait ? 'ended' : 'started',
        runId: randomUUID(),
        asking: { input: process.stdin, output: process.stderr },
      } as const;
      if ('many' in whom)
        return commands
          .revokeBulk()
          .revokeBulk({ ...asked, select: whom.many, how: flags.dryRun ? 'listed' : 'revoked' });
      return commands.revoke().revoke({
        ...asked,
        identityId: whom.one,
        afterwards: flags.reissue ? 'reissue' : 'nothing',
        secondPerson: flags.breakGlass ? 'skipped' : 'asWanted',
        monotonic: () => performance.now(),
      });
    }),
  );

command(program, 'obligations', 'list what is owed: credentials to be seen refused, principals to be removed')
  .option('--identity <id>', 'obligations of one identity')
  .action(
    exiting(({ identity, ...flags }: CommonFlags & { readonly identity?: string }) =>
      commands.obligations().obligations({ folder, speech: speechOf(flags), identity }),
    ),
  );

runsCommand(program, folder);

interface ApprovalFlags extends CommonFlags {
  readonly as: string;
  readonly reason?: string;
  readonly sha256?: string;
}

/** A command that speaks to the decisions URL. */
function deciding(usage: string, description: string): Command {
  return command(program, usage, description).option(
    '--as <name>',
    'on a local engine: who you are; on AWS your credentials say it',
    os.userInfo().username,
  );
}

deciding('approvals [id]', 'list what waits for an approval, or show one request; decides nothing').action(
  exiting((approvalId: string | undefined, { as, ...flags }: ApprovalFlags) =>
    commands.approvals().approvals({ folder, speech: speechOf(flags), approvalId, as }),
  ),
);

deciding('approve <id>', 'approve what another person asked for')
  .option('--reason <text>', 'why; kept in evidence')
  .option('--sha256 <hash>', 'only if the request has this hash, as you have seen it')
  .action(
    exiting((approvalId: string, { as, reason, sha256, ...flags }: ApprovalFlags) =>
      commands
        .decide()
        .decide({ folder, speech: speechOf(flags), approvalId, verb: 'approve', reason, sha256, as }),
    ),
  );

deciding('deny <id>', 'deny it')
  .requiredOption('--reason <text>', 'why; kept in evidence')
  .action(
    exiting((approvalId: string, { as, reason, ...flags }: ApprovalFlags) =>
      commands
        .decide()
        .decide({ folder, speech: speechOf(flags), approvalId, verb: 'deny', reason, sha256: undefined, as }),
    ),
  );

interface ReviewFlags extends ApprovalFlags {
  readonly verdict: string;
  readonly note: string;
}

deciding('review <runId>', 'record the review of a run that went without a second person')
  .requiredOption('--verdict <verdict>', 'justified or unjustified')
  .requiredOption('--note <text>', 'what you found; kept in evidence')
  .action(
    exiting((runId: string, { as, verdict, note, ...flags }: ReviewFlags) =>
      commands.review().review({ folder, speech: speechOf(flags), runId, verdict, note, as }),
    ),
  );

evidenceCommands(program, folder);

command(program, 'doctor', 'check this machine, the engine, the policies and what is overdue')
  .option('--policies <folder>', 'folder of policy files', 'policies')
  .action(
    exiting((flags: CommonFlags & { readonly policies: string }) =>
      commands.doctor().doctor({
        folder,
        dir: path.resolve(flags.policies),
        speech: speechOf(flags),
        today,
        now: () => Date.now(),
      }),
    ),
  );

void runProgram(program, process.argv);
