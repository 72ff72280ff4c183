import type { Command } from 'commander';
import { commands } from './commands';
import { command, exiting, speechOf, type CommonFlags } from './process';
import type { RunFlags } from './query/run-flags';

/** A command whose flags say which runs are meant. */
function meaning(parent: Command, usage: string, description: string): Command {
  return command(parent, usage, description)
    .option('--identity <id>', 'runs of one identity')
    .option('--owner <owner>', 'runs of the identities of one owner')
    .option('--control <label>', 'runs under a control, as the policies spell it')
    .option('--actor <id>', 'runs that one person, or the schedule, started')
    .option('--break-glass', 'runs that went on without the second person that the policy asks for')
    .option('--outcome <outcome>', 'runs that ended so, or are open')
    .option('--since <when>', 'opened since then: 7d, 12h, or a date')
    .option('--until <when>', 'opened before then: 7d, 12h, or a date')
    .option('--limit <count>', 'at most this many, 1 to 1000', '50')
    .option('--after <cursor>', 'the page after the one that gave this cursor as next');
}

/** `gapless runs`. @param folder the project's */
export function runsCommand(program: Command, folder: string): void {
  meaning(program, 'runs', 'list runs, newest first').action(
    exiting((flags: CommonFlags & RunFlags) =>
      commands.runs().runs({ folder, speech: speechOf(flags), flags, now: Date.now() }),
    ),
  );
}

/** `gapless evidence list` and `lapsed`: docs/questions.md. @param folder the project's */
export function questionCommands(evidence: Command, folder: string): void {
  meaning(evidence, 'list', 'list runs with what their records say, counted against the ledger').action(
    exiting((flags: CommonFlags & RunFlags) =>
      commands.listEvidence().listEvidence({ folder, speech: speechOf(flags), flags, now: Date.now() }),
    ),
  );
  command(evidence, 'lapsed', "list identities without a verified rotation in their policy's period").action(
    exiting((flags: CommonFlags) => commands.listLapsed().listLapsed({ folder, speech: speechOf(flags) })),
  );
}
