import { Connections } from './connections';
import type { Secret } from './secret';
import type { Settings } from './settings';
import type { Tally } from './tally';

/** What the switch works with. `now` gives ISO 8601, for people. */
export interface SwitchParts {
  readonly settings: Settings;
  readonly tally: Tally;
  readonly read: () => Promise<Secret>;
  readonly now: () => string;
  readonly log: (message: string) => void;
}

/** Holds the version in use and moves to another one without dropping a call. */
export class VersionSwitch {
  readonly #parts: SwitchParts;
  readonly #draining = new Set<Connections>();
  #current: Connections;
  #reloading: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  private constructor(parts: SwitchParts, first: Secret) {
    this.#parts = parts;
    this.#current = new Connections(first, parts.settings, parts.now());
  }

  /** Starts on the current version of the secret. */
  static async open(parts: SwitchParts): Promise<VersionSwitch> {
    return new VersionSwitch(parts, await parts.read());
  }

  /** Where new calls go. Ask again for every call. */
  get current(): Connections {
    return this.#current;
  }

  /** The oldest version still used: the previous one until its last call has finished and its sessions are closed. */
  get oldestInUse(): Connections {
    return [...this.#draining][0] ?? this.#current;
  }

  /** Reads the secret again and moves to what it finds. A reload that runs already may have read too early. */
  reload(): Promise<void> {
    if (this.#reloading === undefined) return this.#startReload();
    this.#queued ??= this.#reloading.then(() => {
      this.#queued = undefined;
      return this.#startReload();
    });
    return this.#queued;
  }

  /** Reads the secret again after a refused password, unless that is going on already. */
  heal(): void {
    if (this.#reloading === undefined) void this.#startReload();
  }

  /** Finishes what runs and closes every session. */
  async close(): Promise<void> {
    await this.#queued;
    await this.#reloading;
    await this.#drain(this.#current);
  }

  #startReload(): Promise<void> {
    const running = this.#moveToCurrent().finally(() => {
      this.#reloading = undefined;
    });
    this.#reloading = running;
    return running;
  }

  async #moveToCurrent(): Promise<void> {
    const { read, settings, tally, now, log } = this.#parts;
    const secret = await read().catch((error: unknown) => {
      log(
        `the secret could not be read (${error instanceof Error ? error.name : 'no error name'}); nothing changed`,
      );
    });
    if (secret === undefined || secret.versionId === this.#current.versionId) return;
    const next = new Connections(secret, settings, now());
    const failure = await tally.count('reload', () => next.login());
    if (failure !== undefined) {
      log(`version ${secret.versionId} cannot log in (${failure}); staying on ${this.#current.versionId}`);
      return next.drain();
    }
    const previous = this.#current;
    this.#current = next;
    await this.#drain(previous);
  }

  async #drain(connections: Connections): Promise<void> {
    this.#draining.add(connections);
    await connections.drain();
    this.#draining.delete(connections);
  }
}
