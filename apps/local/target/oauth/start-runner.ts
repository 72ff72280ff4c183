import { join } from 'node:path';
import * as z from 'zod/mini';
import { startWorker } from '../worker-process';
import type { Judging, OAuthServers } from './start';

/** A machine client that keeps one bearer token in memory, in a process of its own. */
export interface Runner {
  /** Base URL of its consumer endpoint. */
  readonly url: string;
  /** Does one piece of work with the token it has. Answers with the resource server's status. */
  work(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a runner on what `secretUrl` answers: `{versionId, client_id, client_secret}`. It ends with this process. */
export async function startRunner(
  { issuer, resource }: Pick<OAuthServers, 'issuer' | 'resource'>,
  judging: Judging,
  secretUrl: string,
  onReload: 'obey' | 'ignore',
): Promise<Runner> {
  const worker = await startWorker({
    env: {
      SECRET_URL: secretUrl,
      TOKEN_URL: `${issuer}/token`,
      RESOURCE_URL: `${resource}/${judging}/whoami`,
      SCOPE: 'read',
      AUDIENCE: `urn:example:${judging}`,
      ON_RELOAD: onReload,
    },
    script: join(__dirname, 'serve-runner.ts'),
  });
  const { url } = worker;
  return {
    url,
    async work() {
      const answer = await fetch(`${url}/work`, { method: 'POST' });
      return z.object({ status: z.number() }).parse(await answer.json()).status;
    },
    async stop() {
      await worker.stop();
    },
  };
}
