import * as z from 'zod/mini';
import type { Material } from '../../core/material';
import type { Vault } from '../../core/ports/vault';
import { Failure } from '../../core/failure';
import { serve } from '../../lambdas/runtime/serve';
import type { Deps } from '../../lambdas/steps/deps';
import { everyStep, memoryApp, type Invoked, type MemoryApp } from '../support/memory-app';
import { Journal } from './matrix/journal';
import { violationsOf } from './matrix/oracle/oracle';
import { recordIn, type PortCall } from './matrix/port-calls';
import { modelWorld } from './matrix/targets/model';
import { settled, started } from './matrix/trial';
import { watching } from './matrix/watching';
import { watched, Worker } from './matrix/worker';

// A second delivery of Mint that arrives while the run is on its way back: at every call of that way, on the model.

const RUN = 'the-run';

/** All calls take a quarter of a minute of CPU: GAPLESS_FAULT_STRIDE=1. The second of them lies between two reads. */
const STRIDE = Number(process.env['GAPLESS_FAULT_STRIDE'] ?? 3);
const FIRST = STRIDE === 1 ? 1 : 2;
const delivered = z.object({ stage: z.string() });
const back = ['Reinstate', 'CloseFailed'];

/** How Mint came to fail without a candidate in the vault. */
const failures = [
  {
    how: 'after its intent',
    fails: ({ port, method }: PortCall) => port === 'vault' && method === 'putPending',
  },
  {
    how: 'before its intent',
    fails: (call: PortCall) => recordIn(call)?.type === 'ChangeIntended',
  },
] as const;
type Failing = (typeof failures)[number];

/** When the copy comes, and goes on after it has noted its candidate: at once, or when the step that it met has ended. */
interface Copy {
  readonly at: number;
  readonly pauses: 'never' | 'for the step';
}

/** One run whose Mint fails, and the copy of that delivery. */
class LateMint {
  #mint: unknown;
  #calls = 0;
  #invocations = 0;
  #met = 0;
  #copy: Promise<unknown> = Promise.resolve();
  #resume: () => void = () => undefined;
  readonly journal = new Journal();
  readonly materials = new Map<string, Material>();

  constructor(
    private readonly fails: (call: PortCall) => boolean,
    private readonly copy: Copy,
    private readonly app: () => MemoryApp,
    private readonly identity: Parameters<typeof watching>[0],
  ) {}

  /** Calls on the way back, and whether the copy came. */
  get calls(): number {
    return this.#calls;
  }

  around(deps: Deps, event: unknown): Invoked {
    const { stage } = delivered.parse(event);
    if (stage === 'Mint') this.#mint = event;
    this.#invocations += 1;
    const invocation = this.#invocations;
    return this.#watched(deps, stage, async (call, perform) => {
      if (stage === 'Mint' && this.fails(call))
        throw new Failure('StoreUnavailable', 'no answer. Nothing was changed.', 'none');
      if (back.includes(stage)) await this.#turn(deps, invocation);
      return perform();
    });
  }

  /** Until the copy has come to its end. */
  async over(): Promise<void> {
    this.#resume();
    await this.#copy;
  }

  async #turn(deps: Deps, invocation: number): Promise<void> {
    this.#calls += 1;
    if (this.#calls === this.copy.at) {
      this.#met = invocation;
      await this.#comes(deps);
    } else if (this.#met > 0 && invocation !== this.#met) {
      this.#resume();
      await this.#copy;
    }
  }

  /** Until the copy has ended, or has noted its candidate and pauses. */
  async #comes(deps: Deps): Promise<void> {
    const paused = new Promise<void>((resolve) => (this.#resume = resolve));
    const noted = new Promise<void>((resolve) => {
      this.#copy = this.#again(deps, async () => {
        resolve();
        if (this.copy.pauses === 'for the step') await paused;
      }).finally(resolve);
    });
    await (this.copy.pauses === 'for the step' ? noted : this.#copy);
  }

  async #again(deps: Deps, beforeKept: () => Promise<void>): Promise<void> {
    const { deps: own } = this.#watched(deps, 'Mint', async ({ port, method }, perform) => {
      if (port === 'vault' && method === 'putPending') await beforeKept();
      return perform();
    });
    await serve(() => own, everyStep)(this.#mint).catch(() => undefined);
  }

  #watched(
    deps: Deps,
    stage: string,
    meet: (call: PortCall, perform: () => Promise<unknown>) => Promise<unknown>,
  ): Invoked {
    const vault = (): Vault => this.app().deps.vault;
    const watch = watching(this.identity, 'Rotation', this.journal, this.materials, vault);
    return watched(deps, new Worker(), (call, perform) =>
      meet(call, () => watch(call, async () => perform(), stage)),
    );
  }
}

/** @returns what the oracle finds wrong, and how many calls the way back made */
async function trial(strategy: string, { fails }: Failing, copy: Copy, id: string) {
  const world = await modelWorld();
  const identity = await world.seed(id, strategy);
  const holder: { app?: MemoryApp } = {};
  const app = () => {
    if (holder.app) return holder.app;
    throw new Error('the app was asked for before it was built');
  };
  const pass = async (ms: number) => app().clock.advance(ms);
  const late = new LateMint(fails, copy, app, identity);
  const heard = console.log;
  console.log = (line: unknown) => void late.journal.lines.push(String(line));
  const own = { connector: identity.connector, sleep: pass };
  try {
    holder.app = await memoryApp([identity.policy], (deps, event) => late.around({ ...deps, ...own }, event));
    const rested = await started(identity, 'Rotation', app(), late.journal, late.materials);
    await app().passing(app().run('Rotation', RUN, { identityId: identity.id, reason: 'a trial' }));
    await late.over();
    await settled(app(), 'Rotation', identity, 0);
    const wrong = await violationsOf({ ...rested, executions: app().executions() });
    await app().stop();
    return { wrong: wrong.map(({ what }) => what), calls: late.calls };
  } finally {
    console.log = heard;
    await identity.end();
  }
}

describe.each(failures)('a run whose Mint failed $how', (failing) => {
  const { how } = failing;
  it.each(['in-place', 'alternating'])(
    'leaves nothing behind, whenever a second Mint comes while it turns back (%s)',
    async (strategy) => {
      const { calls } = await trial(strategy, failing, { at: 0, pauses: 'never' }, `${how.length}-none`);
      const found: string[] = [];
      for (const pauses of ['never', 'for the step'] as const)
        for (let at = FIRST; at <= calls; at += STRIDE) {
          const { wrong } = await trial(
            strategy,
            failing,
            { at, pauses },
            `${how.length}-${at}-${pauses.length}`,
          );
          found.push(...wrong.map((what) => `at call ${at} of ${calls}, pausing ${pauses}: ${what}`));
        }
      process.stdout.write(
        `${strategy}, ${how}: a second Mint at every ${STRIDE}. of ${calls} calls, twice\n`,
      );
      expect(found).toEqual([]);
      expect(calls).toBeGreaterThan(8);
    },
    240_000,
  );
});
