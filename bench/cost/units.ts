import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { DynamoEvidenceStore } from '../../adapters/aws/evidence-store';
import { dynamoRegistry } from '../../adapters/aws/registry';
import { evidenceTable, registryTable } from '../../core/ports/tables';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { startDynalite } from '../../test/support/dynalite';
import { memoryApp } from '../../test/support/memory-app';
import type { TestPostgres } from '../../test/support/postgres';
import { seedIdentity, storeSecrets } from '../../test/support/postgres-identity';

/** DynamoDB capacity that one run consumed, indexes included, as the tables count it. */
export interface Units {
  readonly writeUnits: number;
  readonly readUnits: number;
}

const capacity = z.object({ CapacityUnits: z.number() });
const output = z.object({ ConsumedCapacity: z.optional(z.union([capacity, z.array(capacity)])) });

/** Meters one rotation and one revocation whose registry and evidence are DynamoDB tables. */
export async function consumedUnits(
  server: TestPostgres,
): Promise<Readonly<Record<'rotation' | 'revocation', Units>>> {
  const identity = await seedIdentity(server, { id: 'units-of-it', strategy: 'alternating' });
  const dynamo = await startDynalite();
  const client = dynamo.connect();
  const taken = meter(client);
  const stores = {
    registry: dynamoRegistry(client, await dynamo.table(registryTable)),
    evidence: new DynamoEvidenceStore(client, await dynamo.table(evidenceTable)),
  };
  const app = await memoryApp([identity.policy], (deps) => ({
    deps: { ...deps, ...stores },
    died: new Promise(() => undefined),
  }));
  try {
    storeSecrets(app.vault, identity);
    await enrol({ ...app.deps, ...stores });
    const ran = async (machine: 'Rotation' | 'Revocation', name: string): Promise<Units> => {
      taken();
      const { status, cause } = await app.run(machine, name, { identityId: identity.id, reason: 'a bench' });
      if (status !== 'SUCCEEDED') throw new Error(`${machine} ended ${String(status)}: ${String(cause)}`);
      return taken();
    };
    await ran('Rotation', 'first');
    return { rotation: await ran('Rotation', 'second'), revocation: await ran('Revocation', 'third') };
  } finally {
    await app.stop();
    await dynamo.stop();
  }
}

/** Counts what a client's calls consume. @returns takes the count and begins a new one */
function meter(client: DynamoDBClient): () => Units {
  let sofar: Units = { writeUnits: 0, readUnits: 0 };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity = [] } = output.parse(answer.output);
        const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
        const writes = /^(Put|Update|Delete)Item/.test(commandName);
        sofar = writes
          ? { ...sofar, writeUnits: sofar.writeUnits + units }
          : { ...sofar, readUnits: sofar.readUnits + units };
        return answer;
      },
    { step: 'initialize', name: 'meter' },
  );
  return () => {
    const taken = sofar;
    sofar = { writeUnits: 0, readUnits: 0 };
    return taken;
  };
}
