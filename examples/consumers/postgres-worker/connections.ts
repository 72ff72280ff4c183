import { Client, Pool } from 'pg';
import type { Secret } from './secret';
import type { Settings } from './settings';

/** The connections made with one version of the secret. */
export class Connections {
  readonly versionId: string;
  readonly since: string;
  readonly #config: ReturnType<typeof configOf>;
  readonly #pool: Pool;
  #inFlight = 0;
  #idle: () => void = () => undefined;

  /** `since`: when this version was taken into use, ISO 8601. */
  constructor(secret: Secret, settings: Settings, since: string) {
    this.versionId = secret.versionId;
    this.since = since;
    this.#config = configOf(secret, settings);
    this.#pool = new Pool({ ...this.#config, max: settings.poolSize, idleTimeoutMillis: 0 });
    // An idle session that the server ends is replaced by the pool; a call that needed it would fail and be counted.
    this.#pool.on('error', () => undefined);
  }

  /** One query on a pooled session. */
  query(): Promise<void> {
    return this.#tracked(async () => {
      await this.#pool.query('SELECT 1');
    });
  }

  /** One login on a session of its own, so that a gap in which nobody can log in is seen. */
  login(): Promise<void> {
    return this.#tracked(async () => {
      const client = new Client(this.#config);
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.query('SELECT 1');
      } finally {
        await client.end();
      }
    });
  }

  /** Waits for calls in flight to finish, then closes every session. Give it no new calls. */
  async drain(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#pool.end();
  }

  async #tracked(call: () => Promise<void>): Promise<void> {
    this.#inFlight += 1;
    try {
      await call();
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#idle();
    }
  }
}

function configOf({ login }: Secret, { applicationName, timeoutMs }: Settings) {
  return {
    ...login,
    application_name: applicationName,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
  };
}
