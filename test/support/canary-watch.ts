import { inspect } from 'node:util';
import * as z from 'zod/mini';
import { Failure } from '../../core/failure';
import { Material } from '../../core/material';
import type { Deps } from '../../lambdas/steps/deps';
import { secretsIn, secretsOnWire } from './canary-secrets';
import type { CanaryTarget } from './canary-targets';
import type { CanaryTrial } from './canary-trials';
import { wire } from './canary-wire';
import type { Invoked } from './memory-app';

/** Calls of a failing state that the far side answers by quoting them, before the driver itself gives up. */
const QUOTED_CALLS = 2;

const staged = z.looseObject({ stage: z.string() });

type Port = 'operations' | 'probe' | 'vault' | 'evidence' | 'other';

/** Whether a call that is none to a target fails. */
function isRefused(at: CanaryTrial['at'], call: string): boolean {
  switch (at) {
    case 'ports':
      return true;
    case 'stores':
      return call === 'evidence.put' || call === 'vault.promote';
    case 'evidence':
      return call === 'evidence.put';
    case 'nothing':
    case 'target':
      return false;
    default:
      return at satisfies never;
  }
}

/**
 * Stands at every port of the steps: learns each secret where it is made or read, hears what is told to the stores, and
 * makes one state fail in the most talkative way there is: by an error that quotes every secret known so far.
 */
export class CanaryWatch {
  /** Every secret there is, by where it was first seen. */
  readonly secrets = new Map<string, string>();
  /** What the ports were told, and the sentences of failures. */
  readonly heard: string[] = [];
  trial: CanaryTrial = { machine: 'Rotation', stage: 'none', at: 'nothing' };
  /** How often the state of this trial was failed. */
  struck = 0;

  constructor(
    private readonly target: CanaryTarget,
    private readonly timed: { readonly align: () => Promise<unknown>; readonly sleep: Deps['sleep'] },
  ) {
    wire.hear = (request, answer) => {
      for (const value of secretsOnWire(request, answer)) this.#learn('on the wire', value);
    };
  }

  /** The dependencies of one invocation. */
  around(deps: Deps, event: unknown): Invoked {
    const { stage } = staged.parse(event);
    const watch = <P extends object>(port: Port, name: string, it: P): P =>
      this.#watch(stage, port, name, it);
    const { descriptor, operations, probe } = this.target.connector;
    return {
      died: new Promise(() => undefined),
      deps: {
        ...deps,
        sleep: this.timed.sleep,
        connector: {
          descriptor,
          operations: watch('operations', 'operations', operations),
          probe: watch('probe', 'probe', probe),
        },
        vault: watch('vault', 'vault', deps.vault),
        evidence: watch('evidence', 'evidence', deps.evidence),
        registry: watch('other', 'registry', deps.registry),
        spill: watch('other', 'spill', deps.spill),
        notices: watch('other', 'notices', deps.notices),
        executions: watch('other', 'executions', deps.executions),
        lists: watch('other', 'lists', deps.lists),
        archive: watch('other', 'archive', deps.archive),
      },
    };
  }

  /** Learns the secrets of material that the product was not seen to read. */
  learn(material: Material): void {
    for (const [field, value] of secretsIn(material)) this.#learn(field, value);
  }

  #learn(what: string, value: string): void {
    if (value.length < 12) throw new Error(`${what} is too short to be looked for: is it a secret?`);
    if (![...this.secrets.values()].includes(value))
      this.secrets.set(`${what} (${this.secrets.size})`, value);
  }

  #watch<P extends object>(stage: string, port: Port, name: string, it: P): P {
    return new Proxy(it, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        const method = String(property);
        const perform = (args: unknown[]) => Reflect.apply(member, target, args) as unknown;
        // These two ask nobody and answer at once.
        if (method === 'remoteIdOf' || method === 'randomLike') return (...args: unknown[]) => perform(args);
        return async (...args: unknown[]) => {
          if (port === 'operations' || port === 'probe') return this.#asked(stage, port, () => perform(args));
          this.#hear(`${name}.${method}`, args);
          if (this.#storeFails(stage, `${port}.${method}`)) throw this.#refusal();
          const result = await perform(args);
          this.#learnFrom([...args, result]);
          return result;
        };
      },
    });
  }

  async #asked(stage: string, port: 'operations' | 'probe', perform: () => unknown): Promise<unknown> {
    await this.timed.align();
    const isFirst = stage === this.trial.after;
    const fails = isFirst || (stage === this.trial.stage && this.trial.at === 'target');
    if (!fails) return this.#remembered(perform);
    if (isFirst) throw this.#telling();
    this.struck += 1;
    if (this.target.asks[port] === 'otherwise' || this.struck > QUOTED_CALLS) throw this.#telling();
    wire.far = 'quoting';
    try {
      return await this.#remembered(perform);
    } finally {
      wire.far = 'sound';
    }
  }

  async #remembered(perform: () => unknown): Promise<unknown> {
    try {
      const result = await perform();
      this.#learnFrom([result]);
      return result;
    } catch (error) {
      // Other errors lose their words where a function ends; the words of a failure go on.
      if (error instanceof Failure) this.heard.push(inspect(error, { depth: 8, showHidden: true }));
      throw error;
    }
  }

  #storeFails(stage: string, call: string): boolean {
    if (stage !== this.trial.stage || !isRefused(this.trial.at, call)) return false;
    this.struck += 1;
    return true;
  }

  #refusal(): Error {
    if (this.trial.at !== 'evidence') return this.#telling();
    return new Failure('StoreUnavailable', 'The evidence table takes no write. Nothing was changed.', 'none');
  }

  /** An error of a driver that says far too much, each secret on a line that looks like one of a stack. */
  #telling(): Error {
    const said = [...this.secrets.values()].map((value) => `    at ${value}`).join('\n');
    const error = new Error(`refused, given:\n${said}`, { cause: new Error(said) });
    return Object.assign(error, { code: 'ETOLD', detail: said });
  }

  #hear(call: string, args: readonly unknown[]): void {
    this.heard.push(`${call} ${JSON.stringify(args)}`);
  }

  #learnFrom(values: readonly unknown[]): void {
    for (const value of values) {
      if (value instanceof Material) this.learn(value);
      else if (typeof value === 'object' && value !== null && 'material' in value)
        this.#learnFrom([value.material]);
    }
  }
}
