import { fork } from 'node:child_process';
import { faultsAt } from './fault';
import { boundaries, notTried } from './boundaries';
import { optionsIn, type Options } from './options';
import { perform, type Performed } from './perform';
import { asText, summaryOf } from './summary';

// `npm run fault`: docs in CONTRIBUTING. A worker is this file again, with its number in the environment.

const WORKER = 'GAPLESS_FAULT_WORKER';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = optionsIn(args);
  const worker = process.env[WORKER];
  if (worker !== undefined) return perform(options, Number(worker), (result) => process.send?.(result));
  const started = Date.now();
  const results: Performed[] = [];
  const faults = faultsAt(await boundaries());
  if (options.print === 'text') {
    const states = new Set(faults.map(({ machine, state }) => `${machine}.${state}`));
    console.log(
      `seed ${options.seed}: ${states.size} task states x 10 kinds x 3 deliveries = ${faults.length} single faults a strategy`,
    );
    for (const [state, why] of Object.entries(notTried)) console.log(`not tried: ${state}, because ${why}`);
  }
  const codes = await Promise.all(
    Array.from({ length: options.only === undefined ? options.workers : 1 }, (_, index) =>
      workerOf(args, index, options, (result) => {
        results.push(result);
        if (options.print === 'text' && results.length % 100 === 0) console.log(`${results.length} trials`);
        if (options.print === 'text') for (const line of complaints(result)) console.log(line);
      }),
    ),
  );
  const summary = summaryOf(options.seed, results, Date.now() - started);
  console.log(options.print === 'json' ? JSON.stringify(summary) : asText(summary));
  if (summary.violations > 0 || codes.some((code) => code !== 0)) process.exitCode = 1;
}

function complaints({ violations, replay, strategy, outcome }: Performed): readonly string[] {
  return violations.map(
    ({ condition, what }) => `VIOLATION of ${condition}: ${what} (${strategy}, ${outcome})\n  ${replay}`,
  );
}

function workerOf(
  args: readonly string[],
  index: number,
  { print }: Options,
  tell: (result: Performed) => void,
): Promise<number> {
  const child = fork(__filename, [...args], {
    env: { ...process.env, [WORKER]: String(index) },
    execArgv: process.execArgv,
    stdio: ['ignore', print === 'json' ? 'ignore' : 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message) => {
    if (isResult(message)) tell(message);
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** What a worker sends. */
function isResult(message: unknown): message is Performed {
  return message !== null && typeof message === 'object' && 'replay' in message;
}

void main();
