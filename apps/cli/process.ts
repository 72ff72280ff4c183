import { CommanderError, type Command } from 'commander';
import { Exit, exitCodes } from './exit';
import type { Speech } from './output/terminal';

/** Flags that every command has. */
export interface CommonFlags {
  readonly json?: true;
  readonly quiet?: true;
}

/** A command with the flags that all have. */
export function command(parent: Command, usage: string, description: string): Command {
  return parent
    .command(usage)
    .description(description)
    .option('--json', 'one JSON document on stdout, with schemaVersion')
    .option('-q, --quiet', 'no messages, only data and errors');
}

export function speechOf({ json, quiet }: CommonFlags): Speech {
  return { format: json ? 'json' : 'text', messages: quiet ? 'quiet' : 'shown' };
}

/** An action whose number the process ends with. */
export function exiting<A extends readonly unknown[]>(
  action: (...given: A) => Promise<number>,
): (...given: A) => Promise<void> {
  return async (...given) => {
    process.exitCode = await action(...given);
  };
}

/** Runs a program and ends the process with the code its command gave, or the one that fits what went wrong. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<never> {
  strict(program);
  // A reader that has seen enough (`| head`) is no failure of ours; what was started ends with this process.
  process.stdout.on('error', () => process.exit());
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = codeOf(error);
  }
  // Streams are flushed first; worker threads and sockets that are still open are of no interest any more.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit();
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Every command throws instead of ending the process. */
function strict(program: Command): void {
  program
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'gapless: ')) });
  program.showHelpAfterError('Nothing was changed. --help shows what is allowed.');
  for (const command of program.commands) strict(command);
}

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof Exit) {
    process.stderr.write(`gapless: ${error.message}\n`);
    return exitCodes[error.why];
  }
  process.stderr.write(`gapless: ${unexpected(error)}\n`);
  return exitCodes.unexpected;
}

function unexpected(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env['GAPLESS_DEBUG']) return error.stack ?? error.message;
  return `${error.message}\nSet GAPLESS_DEBUG=1 to see where this comes from.`;
}
