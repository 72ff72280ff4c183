import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { CurrentVersion, VaultMaterial } from '../../core/ports/vault';
import type { Steps } from './serve';

/** Steps of a run follow one another within this time; what is read again later may be another's doing. */
const KEPT_MS = 5 * 60_000;

interface Kept {
  readonly run: string;
  /** Epoch ms. */
  readonly until: number;
  readonly versions: Map<string, Material>;
  readonly authorities: Map<string, CurrentVersion>;
  /** Authorities that were read before the step under way, and whether it was given one of those. */
  earlier: ReadonlySet<string>;
  given: 'fresh' | 'earlier';
}

/**
 * What the steps of one run have read of the vault, kept in the worker from one step to the next: three proofs of a
 * rotation present the same candidate beside the same control credential, and Secrets Manager bills every call. Kept is
 * what stays as it is while a run goes well: a version by its id, whose value never changes (Secrets Manager user guide,
 * "What's in a secret"), and a target's own authorities. It is forgotten when another run comes, after five minutes, and
 * as soon as a step fails. A step that was refused with an authority from memory is repeated with one just read, for
 * somebody may have replaced it in the vault since.
 */
export class RunMemory {
  #kept: Kept | undefined;

  constructor(private readonly now: () => number) {}

  /** The same vault, asked once for what a run needs again. */
  over<V extends VaultMaterial>(vault: V): V {
    const read = async (secret: string, versionId: string): Promise<Material | undefined> => {
      const kept = this.#kept;
      const key = `${secret} ${versionId}`;
      const found = kept?.versions.get(key) ?? (await vault.read(secret, versionId));
      if (found) kept?.versions.set(key, found);
      return found;
    };
    const readAuthority = async (secret: string): Promise<CurrentVersion> => {
      const kept = this.#kept;
      const known = kept?.authorities.get(secret);
      if (kept?.earlier.has(secret)) kept.given = 'earlier';
      const found = known ?? (await vault.readAuthority(secret));
      kept?.authorities.set(secret, found);
      return found;
    };
    return { ...vault, read, readAuthority };
  }

  /** The same steps; what one has read is there for the next step of its run. */
  around<D>(steps: Steps<D>): Steps<D> {
    return Object.fromEntries(
      Object.entries(steps).map(([stage, step]): [string, Steps<D>[string]] => [
        stage,
        async (deps, event) =>
          this.#perform(`${event.execution.id} ${event.runId}`, async () => step(deps, event)),
      ]),
    );
  }

  async #perform<T>(run: string, step: () => Promise<T>): Promise<T> {
    const kept = this.#turnTo(run);
    try {
      return await step();
    } catch (error) {
      this.#kept = undefined;
      // Nothing is left from earlier steps now, so the repetition ends with whatever it meets.
      if (kept.given === 'earlier' && isRefusedAuthority(error)) return this.#perform(run, step);
      throw error;
    }
  }

  #turnTo(run: string): Kept {
    const now = this.now();
    const known = this.#kept?.run === run && now < this.#kept.until ? this.#kept : undefined;
    const kept = known ?? { run, until: now + KEPT_MS, versions: new Map(), authorities: new Map() };
    this.#kept = { ...kept, earlier: new Set(kept.authorities.keys()), given: 'fresh' };
    return this.#kept;
  }
}

function isRefusedAuthority(error: unknown): boolean {
  return error instanceof Failure && error.name === 'AdminRightsMissing';
}
