import { randomBytes, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { MemoryEvidenceStore } from '../../adapters/memory/evidence-store';
import { MemoryFingerprints } from '../../adapters/memory/fingerprints';
import { MemoryLists } from '../../adapters/memory/lists';
import { MemoryNotices } from '../../adapters/memory/notices';
import { MemoryPolicies } from '../../adapters/memory/policies';
import { MemoryPolicyArchive } from '../../adapters/memory/policy-archive';
import { memoryRegistry } from '../../adapters/memory/registry';
import { emptyTables, type RegistryTables } from '../../adapters/memory/registry/tables';
import { MemorySealedStore } from '../../adapters/memory/sealed-store';
import { MemoryVault } from '../../adapters/memory/vault';
import { httpConsumers } from '../../adapters/http/consumer-client';
import { EngineClock } from '../../apps/local/clock';
import { StatesService } from '../../apps/local/services/states';
import { connector } from '../../connectors/postgres-role';
import type { Mutator } from '../../core/connector';
import type { Executions } from '../../core/ports/executions';
import { spillIn } from '../../core/evidence/spill';
import { compilePolicies } from '../../core/policy/document';
import { parsePolicy } from '../../core/policy/parse';
import { endingOf } from '../../core/run/stopped';
import { serve, type Steps } from '../../lambdas/runtime/serve';
import { settle } from '../../lambdas/steps/settle/run';
import type { Deps } from '../../lambdas/steps/deps';
import * as served from '../../lambdas/steps/tables';
import { sharedMachines } from './assembly';
import { codeOf } from './error-code';
import { InFlight } from './in-flight';
import { functionsOnly, type Invocation } from './states-double';

/** The synthesised machines over the memory adapters: our own steps and states, nothing of the cloud. */
export interface MemoryApp {
  readonly deps: Deps;
  readonly vault: MemoryVault;
  readonly clock: EngineClock;
  readonly states: StatesService;
  /** What the registry holds, as it is stored. */
  readonly tables: RegistryTables;
  /** Waits for work, letting engine time run whenever no step is being executed. */
  passing<T>(work: Promise<T>): Promise<T>;
  /** Starts a machine and waits for its end. */
  run(
    machine: 'Rotation' | 'Revocation' | 'BulkRevocation' | 'Sweep' | 'Settle',
    name: string,
    input: object,
  ): Promise<Record<string, unknown>>;
  /** Work beside the steps, such as a second delivery; engine time stands while it goes on. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Looks once for what nobody works on, and waits for what it started. */
  settle(): Promise<void>;
  /** ARNs of every execution that was started. */
  executions(): readonly string[];
  stop(): Promise<void>;
}

const ARN = 'arn:aws:states:us-east-1:111111111111';

/** What one invocation runs with; `died` rejects when its worker ends, with an error named as Lambda names that end. */
export interface Invoked {
  readonly deps: Deps;
  /** The half of the kind that its mutator is deployed with; what it lacks the changing steps lack, too. */
  readonly mutator?: Mutator;
  readonly died: Promise<never>;
}

/** Called for each invocation with the event that a state sends. */
export type Around = (deps: Deps, event: unknown) => Invoked;

/** Every step of the app by its name, as one function would serve them all. */
export const everyStep: Steps<Deps> = Object.fromEntries(
  Object.values(served).flatMap((steps) => Object.entries(steps)),
);

const alive: Around = (deps) => ({ deps, died: new Promise(() => undefined) });

/** Builds the app over these policies (documents as a policy file holds them). */
export async function memoryApp(policies: readonly object[], around: Around = alive): Promise<MemoryApp> {
  const clock = new EngineClock();
  const vault = new MemoryVault();
  const lists = new MemoryLists();
  const tables = emptyTables();
  const started: string[] = [];
  const inFlight = new InFlight();
  const executions: Executions = {
    start: async (machine, name, input) => begin(machine, name, input),
    status: async (arn) => statusOf(arn),
  };
  const parsed = policies.map((policy, index) => parsePolicy(policy, `policy ${index}`));
  const deps: Deps = {
    now: () => clock.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => sleep(ms),
    random: (count) => randomBytes(count),
    ledgerId: 'gapless/test',
    code: { functionName: 'test', version: '1', bundle: 'none' },
    timeoutMs: 30_000,
    registry: memoryRegistry(tables),
    evidence: new MemoryEvidenceStore(),
    spill: spillIn(new MemorySealedStore()),
    policies: new MemoryPolicies(compilePolicies(parsed)),
    archive: new MemoryPolicyArchive(),
    vault,
    fingerprints: new MemoryFingerprints(randomBytes(32)),
    consumers: httpConsumers(),
    executions,
    lists,
    notices: new MemoryNotices(),
    bulk: { approvalAbove: 2_000, atOnce: 40 },
    connector,
  };
  const states = new StatesService({
    clock,
    chance: { random: () => 0.5, uuid: () => randomUUID() },
    store: { all: () => [], save: () => undefined },
    call: functionsOnly(
      async (_name, payload) => {
        const invoked = around(deps, payload);
        const handler = handlerOf(invoked, payload);
        const answer = handler(payload).then(
          (result): Invocation => ({ payload: result }),
          (error: Error): Invocation => failed(error.name, error.message, error.stack),
        );
        const killed = invoked.died.catch((end: Error): Invocation => failed(endOf(end), 'killed'));
        return inFlight.during(Promise.race([answer, killed]));
      },
      async ({ service, action, input }) => {
        if (service === 's3') return { body: Buffer.from((await lists.read(String(input['Key']))) ?? '') };
        return states.handle(action, { ...input, stateMachineArn: ownArn(input['stateMachineArn']) });
      },
    ),
  });
  for (const [name, definition] of Object.entries(await sharedMachines())) {
    const roleArn = 'arn:aws:iam::111111111111:role/machine';
    states.deploy({ stateMachineArn: `${ARN}:stateMachine:${name}`, name, roleArn, definition });
  }

  async function begin(machine: string, name: string, input: object): Promise<'started' | 'exists'> {
    try {
      const answer = await states.handle('StartExecution', {
        stateMachineArn: `${ARN}:stateMachine:${machine}`,
        name,
        input: JSON.stringify(input),
      });
      started.push(String(answer['executionArn']));
      return 'started';
    } catch (error) {
      if (codeOf(error) === 'ExecutionAlreadyExists') return 'exists';
      throw error;
    }
  }

  async function statusOf(executionArn: string): Promise<'running' | 'ended' | 'gone'> {
    const answer = await states.handle('DescribeExecution', { executionArn });
    const { status, stopDate } = answer;
    const stoppedAt = typeof stopDate === 'number' ? stopDate * 1_000 : undefined;
    return endingOf({ status: String(status), stoppedAt }, clock.now());
  }

  return {
    deps,
    vault,
    clock,
    states,
    tables,
    passing: async (work) => {
      let ended = false;
      const settled = work.finally(() => {
        ended = true;
      });
      settled.catch(() => undefined);
      const hasEnded = () => ended;
      while (!hasEnded()) {
        await Promise.race([settled, inFlight.turn()]);
        if (!hasEnded() && inFlight.idle) await clock.advance(250);
      }
      return settled;
    },
    run: async (machine, name, input) => {
      await begin(machine, name, input);
      return states.finished(`${ARN}:execution:${machine}:${name}`);
    },
    during: (work) => inFlight.during(work),
    settle: async () => {
      const from = started.length;
      await settle(deps);
      for (const arn of started.slice(from)) await states.finished(arn);
    },
    executions: () => [...started],
    stop: async () => {
      await states.stop();
      clock.stop();
    },
  };
}

const Staged = z.looseObject({ stage: z.string() });

function handlerOf({ deps, mutator }: Invoked, event: unknown) {
  const { stage } = Staged.parse(event);
  if (mutator && stage in served.mutatorSteps)
    return serve(() => ({ ...deps, connector: mutator }), served.mutatorSteps);
  return serve(() => deps, everyStep);
}

/** A killed worker is an ExitError unless it was ended for another reason. */
function endOf({ name }: Error): string {
  return name === 'Error' ? 'Runtime.ExitError' : name;
}

/** As the Node.js runtime of Lambda reports an error: `trace` is its stack, line by line. */
function failed(errorType: string, errorMessage: string, stack = ''): Invocation {
  return { functionError: 'Unhandled', payload: { errorType, errorMessage, trace: stack.split('\n') } };
}

/** The ARN that a machine of the template has here. */
function ownArn(inTemplate: unknown): string {
  const name = String(inTemplate).split(':gapless-').at(-1) ?? '';
  return `${ARN}:stateMachine:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
