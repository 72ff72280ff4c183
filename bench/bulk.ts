import { parseArgs } from 'node:util';
import { sharedAssembly } from '../test/support/assembly';
import { seedFleet } from '../test/support/fleet';
import { testPostgres } from '../test/support/postgres';
import { bareLoop } from './bulk/bare';
import { bulkPipeline } from './bulk/pipeline';
import { machine, machineLine } from './machine';
import { quietly } from './overhead/quiet';

// P22 of the performance goals, over stores in this process. Printed and held to its goal, never asserted in a test.

const GOAL = 2;
/** Below this many roles the last ones decide alone, and a ratio says nothing. */
const FEWEST = 200;

function wholeNumber(name: string, given: string): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name}: got ${given}, want a whole number from 1`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      roles: { type: 'string', default: '1000' },
      'at-once': { type: 'string', default: '40' },
      json: { type: 'boolean', default: false },
    },
  });
  const roles = wholeNumber('roles', values.roles);
  const atOnce = wholeNumber('at-once', values['at-once']);
  const connections = String(atOnce * 4 + 50);
  const server = await testPostgres(['-c', `max_connections=${connections}`]);
  await sharedAssembly();
  try {
    const bareMs = await bareLoop(await seedFleet(server, 'bare', roles), atOnce);
    console.error(`bare loop: last refusal after ${(bareMs / 1_000).toFixed(1)} s`);
    const fleet = await seedFleet(server, 'bulk', roles);
    const { lastRefusal, closed, done } = await quietly(() => bulkPipeline(fleet, atOnce));
    const ratio = lastRefusal / bareMs;
    const judged = roles >= FEWEST ? (ratio <= GOAL ? 'PASS' : 'MISS') : 'too few roles to say';
    const about = machine();
    if (values.json) {
      const figures = {
        roles,
        atOnce,
        bareMs,
        bulkMs: lastRefusal,
        closedMs: closed,
        done,
        ratio,
        goal: GOAL,
      };
      console.log(JSON.stringify({ machine: about, ...figures, judged }, null, 2));
    } else {
      console.log(machineLine(about));
      console.log(
        `${roles} roles of one owner, ${atOnce} at once, in-memory stores; time to the last refusal:`,
      );
      console.log(`  bare loop        ${(bareMs / 1_000).toFixed(1)} s`);
      console.log(
        `  bulk revocation  ${(lastRefusal / 1_000).toFixed(1)} s, closed after ${(closed / 1_000).toFixed(1)} s`,
      );
      console.log(`  ratio ${ratio.toFixed(2)}, goal <= ${GOAL.toFixed(2)}: ${judged}`);
    }
    if (judged === 'MISS') process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
