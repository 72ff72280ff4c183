import { Command, Option } from 'commander';
import { breakages, type Breakage } from '../local/demo/breakage';
import { exiting, runProgram, speechOf } from './process';
import { start } from './start/command';

interface Flags {
  readonly once?: true;
  readonly json?: true;
  readonly keep?: true;
  readonly all?: true;
  readonly quiet?: true;
  readonly break?: Breakage;
}

const program = new Command('npm start --')
  .description(
    'Rotates two real PostgreSQL credentials by schedule, under load, and proves the old ones refused.',
  )
  .option('--once', 'end when everything is shown, with an exit code of docs/exit-codes.md')
  .option('--json', 'print one JSON document; needs --once')
  .option('--keep', 'go on with the data of the last start instead of a fresh one')
  .option('--all', 'rotate and revoke one credential of every other kind too, each on its own server')
  .option('-q, --quiet', 'no messages')
  .addOption(new Option('--break <what>', 'break something on purpose and see it caught').choices(breakages));

program.action(
  exiting(async (flags: Flags) => {
    if (flags.json && !flags.once) {
      program.error(
        'error: --json: given without --once; want both, since the document is printed once all is shown. Nothing was started.',
      );
    }
    if (flags.keep && flags.break) {
      program.error(
        'error: --keep: given with --break; want one of the two, since what is broken starts fresh. Nothing was started.',
      );
    }
    if (flags.all && (flags.keep ?? flags.break)) {
      program.error(
        `error: --all: given with ${flags.keep ? '--keep' : '--break'}; want one of the two, since the servers of the other kinds keep nothing and are never broken. Nothing was started.`,
      );
    }
    return start({
      folder: process.cwd(),
      speech: speechOf(flags),
      stay: flags.once ? 'once' : 'stay',
      start: flags.keep ? 'keep' : 'fresh',
      breakage: flags.break,
      kinds: flags.all ? 'all' : 'postgres',
      today: new Date().toISOString().slice(0, 10),
    });
  }),
);

void runProgram(program, process.argv);
