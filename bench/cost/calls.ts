import * as z from 'zod/mini';
import { Meter } from '../../apps/local/demo/meter';
import type { FaultPoint } from '../../apps/local/faults';
import type { TestPostgres } from '../../test/support/postgres';
import { seedIdentity } from '../../test/support/postgres-identity';
import { enginePipelineOf, type EnginePipeline } from '../overhead/engine';
import type { Usage } from './prices';

/** What one run asked of the services, counted at the engine's own door. */
export interface Calls extends Omit<Usage, 'writeUnits' | 'readUnits'> {
  /** Records of both chains, and the put and the delete of the run's marker. */
  readonly evidenceWrites: number;
  /** Values put and labels moved. */
  readonly secretWrites: number;
}

const listed = z.object({ stateMachines: z.array(z.object({ stateMachineArn: z.string() })) });
const history = z.object({ events: z.array(z.object({ type: z.string() })) });

/** Functions that run beside a run, started by their schedules. */
const BESIDE = /settle|sweep|seal|schedul/i;

/** Counts one rotation and, after it, one emergency revocation of an identity, on the synthesised app in the engine. */
export async function countedCalls(
  server: TestPostgres,
): Promise<Readonly<Record<'rotation' | 'revocation', Calls>>> {
  const identity = await seedIdentity(server, { id: 'cost-of-it', strategy: 'alternating' });
  const pipeline = await enginePipelineOf([identity]);
  try {
    // The first one finds clients unconnected and caches empty.
    await pipeline.rotate(identity.id);
    const rotation = await counted(pipeline, identity.secret, 'bench-2', () => pipeline.rotate(identity.id));
    const revocation = await counted(pipeline, identity.secret, `of-${identity.id}`, () =>
      pipeline.revoke(identity.id),
    );
    return { rotation, revocation };
  } finally {
    await pipeline.stop();
  }
}

async function counted(
  { engine }: EnginePipeline,
  secret: string,
  runId: string,
  work: () => Promise<void>,
): Promise<Calls> {
  const meter = new Meter(() => engine.clock.now());
  const counts = new Map<string, number>();
  const before = engine.faults.at;
  const from = engine.clock.now();
  engine.faults.at = meter.watching(async (point) => {
    const name = nameOf(point);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    return before(point);
  });
  await work();
  engine.faults.at = before;
  const of = (service: string) => counts.get(service) ?? 0;
  return {
    transitions: await transitionsOf(engine, runId),
    invocations: of('lambda'),
    secretsCalls: of('secretsmanager'),
    keyCalls: of('kms'),
    objectCalls: of('s3'),
    events: of('events'),
    evidenceWrites: meter.evidenceWrites(runId),
    secretWrites: meter.secretWrites(secret, { from, to: engine.clock.now() }),
  };
}

function nameOf(point: FaultPoint): string | undefined {
  if (point.phase !== 'after') return undefined;
  if (point.boundary === 'lambda') return BESIDE.test(point.functionName) ? undefined : 'lambda';
  // An invocation passes two doors: the service's and the function's own. The second one counts.
  if (point.boundary === 'service' && point.service !== 'lambda')
    return BESIDE.test(point.caller) ? undefined : point.service;
  return undefined;
}

async function transitionsOf({ states }: EnginePipeline['engine'], name: string): Promise<number> {
  const { stateMachines } = listed.parse(await states.handle('ListStateMachines', {}));
  for (const { stateMachineArn } of stateMachines) {
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const answer = await states
      .handle('GetExecutionHistory', { executionArn, maxResults: 1_000 })
      .catch(() => undefined);
    if (answer)
      return history.parse(answer).events.filter(({ type }) => type.endsWith('StateEntered')).length;
  }
  throw new Error(`no machine knows the execution ${name}`);
}
