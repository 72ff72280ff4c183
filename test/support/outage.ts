import { setImmediate as turn } from 'node:timers/promises';
import { Failure } from '../../core/failure';
import type { EvidenceStore } from '../../core/ports/evidence-store';
import { enrol } from '../../lambdas/steps/sweep/enrol';
import { settle } from '../../lambdas/steps/settle/run';
import type { Deps } from '../../lambdas/steps/deps';
import { CrashPlan } from './crash-ports';
import { memoryApp, type MemoryApp } from './memory-app';
import type { TestPostgres } from './postgres';
import { seedIdentity, storeSecrets, type IdentityOptions, type SeededIdentity } from './postgres-identity';

/** What of the evidence table fails: writes alone, as without a right, or everything, as when nothing answers. */
export type Extent = 'writes' | 'everything';

/** From which put of evidence on the table is down, and at which it is back; counted over all workers. */
export interface Outage {
  readonly extent: Extent;
  readonly from: number;
  readonly until: number;
}

/** An identity on a real PostgreSQL, and an app whose evidence table goes down and comes back. */
export interface OutageScene {
  readonly app: MemoryApp;
  readonly identity: SeededIdentity;
  /** Port calls of all workers, and `evidence refused` where the table was down. */
  readonly calls: readonly string[];
  /** How many puts were asked for so far. */
  readonly puts: () => number;
  readonly recover: () => void;
  /** Looks for what nobody works on, with the table as it is. */
  readonly settle: () => Promise<void>;
}

export async function outageScene(
  server: TestPostgres,
  options: IdentityOptions,
  outage: Outage,
): Promise<OutageScene> {
  const identity = await seedIdentity(server, options);
  const holder: { app?: MemoryApp } = {};
  const plan = new CrashPlan(undefined);
  const table = new FailingTable(outage, plan.calls);
  const app = await memoryApp([identity.policy], (deps) => {
    const around = plan.around({ ...deps, sleep: async (ms) => holder.app?.clock.advance(ms * 25) });
    return { ...around, deps: { ...around.deps, evidence: table.over(around.deps.evidence) } };
  });
  holder.app = app;
  storeSecrets(app.vault, identity);
  await enrol(app.deps);
  return {
    app,
    identity,
    calls: plan.calls,
    puts: () => table.puts,
    recover: () => table.recover(),
    settle: async () => settled(app, { ...app.deps, evidence: table.over(app.deps.evidence) }),
  };
}

class FailingTable {
  puts = 0;
  #recovered = false;

  constructor(
    private readonly outage: Outage,
    private readonly calls: string[],
  ) {}

  recover(): void {
    this.#recovered = true;
  }

  over(store: EvidenceStore): EvidenceStore {
    return {
      put: async (record) => {
        this.puts += 1;
        if (this.#isDown()) this.#refuse();
        return store.put(record);
      },
      get: async (...place) => this.#reading(() => store.get(...place)),
      last: async (...chain) => this.#reading(() => store.last(...chain)),
      read: async (...chain) => this.#reading(() => store.read(...chain)),
    };
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    if (this.outage.extent === 'everything' && this.#isDown()) this.#refuse();
    return read();
  }

  // Puts are numbered from 1; before the first of an outage there is its reading, which fails too.
  #isDown(): boolean {
    const { from, until, extent } = this.outage;
    const ahead = extent === 'everything' ? 1 : 0;
    return !this.#recovered && this.puts + ahead >= from && this.puts < until;
  }

  #refuse(): never {
    this.calls.push('evidence refused');
    throw new Failure('StoreUnavailable', 'The table does not answer. Nothing was changed.', 'none');
  }
}

/** Runs one look of Settle, and whatever it started, to its end. */
async function settled(app: MemoryApp, deps: Deps): Promise<void> {
  const started: string[] = [];
  const start: Deps['executions']['start'] = async (machine, name, input) => {
    const answer = await deps.executions.start(machine, name, input);
    if (answer === 'started')
      started.push(`arn:aws:states:us-east-1:111111111111:execution:${machine}:${name}`);
    return answer;
  };
  await settle({ ...deps, executions: { ...deps.executions, start } }).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
  });
  for (const arn of started) await app.states.finished(arn);
  await turn();
}
