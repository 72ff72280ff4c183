import { parseArgs } from 'node:util';
import { sharedAssembly } from '../test/support/assembly';
import { testPostgres } from '../test/support/postgres';
import { countedCalls } from './cost/calls';
import { idleLook } from './cost/idle';
import { dollarsOf, type Usage } from './cost/prices';
import { consumedUnits } from './cost/units';
import { machine, machineLine } from './machine';
import { quietly } from './overhead/quiet';

// P4 to P7 of the performance goals: counts of one rotation and one revocation, and what they cost by list price. Counts
// do not depend on the machine. Refused conditional writes consume capacity that the local table does not count.

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const server = await testPostgres();
  await sharedAssembly();
  try {
    const [calls, units, idle] = await quietly(
      async () => [await countedCalls(server), await consumedUnits(server), await idleLook()] as const,
    );
    const idleTransitions = idle.transitions / idle.identities;
    const runs = (['rotation', 'revocation'] as const).map((kind) => {
      const used = { ...calls[kind], ...units[kind] };
      const dollars = dollarsOf(used);
      return { kind, ...used, dollars, total: Object.values(dollars).reduce((sum, each) => sum + each, 0) };
    });
    const about = machine();
    if (values.json) console.log(JSON.stringify({ machine: about, runs, idleTransitions }, undefined, 2));
    else {
      console.log(machineLine(about));
      console.log(
        `nothing due or owed: ${idle.transitions} transitions a look at ${idle.identities} identities, ${idleTransitions} each`,
      );
      for (const { kind, evidenceWrites, secretWrites, dollars, total, ...used } of runs) {
        console.log(
          `${kind}: evidence writes ${evidenceWrites}, secret writes ${secretWrites}, $ ${total.toFixed(6)}`,
        );
        for (const name of Object.keys(dollars).filter((each): each is keyof Usage => each in used))
          console.log(
            `  ${name.padEnd(14)} ${String(used[name]).padStart(6)}  $ ${dollars[name].toFixed(7)}`,
          );
      }
    }
    const [rotation, revocation] = runs;
    if (!rotation || !revocation) return;
    const met =
      rotation.evidenceWrites <= 17 &&
      rotation.transitions <= 12 &&
      revocation.transitions <= 7 &&
      rotation.secretWrites <= 2 &&
      revocation.secretWrites === 0 &&
      rotation.total <= 0.0004 &&
      idleTransitions <= 0.02;
    if (!met) process.exitCode = 1;
  } finally {
    await server.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
