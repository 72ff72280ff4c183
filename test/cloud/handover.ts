import * as z from 'zod/mini';
import { stackNames } from '../../lib/app';
import type { TestPostgres } from '../support/postgres';
import type { Outputs } from './deploy';
import type { Emulator } from './emulator';
import type { Cast } from './scene';

/** Variable that hands the scene over to the tests' process; it holds keys and is never written to a file. */
export const SCENE = 'GAPLESS_CLOUD_SCENE';

const identity = z.object({
  id: z.string(),
  secret: z.string(),
  database: z.string(),
  roles: z.array(z.string()),
});
/** An identity as the tests know it. */
export type Identity = z.infer<typeof identity>;

const scene = z.object({
  endpoint: z.string(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  outputs: z.record(z.string(), z.string()),
  postgres: z.object({
    host: z.string(),
    port: z.number(),
    superuser: z.object({ user: z.string(), password: z.string() }),
  }),
  cast: z.object({ scheduled: identity, leaked: identity, approved: identity, sealed: identity }),
});
/** What the runner prepared, as the tests are told. */
export type Scene = z.infer<typeof scene>;

/** The scene as the runner hands it over. */
export function sceneText(given: {
  readonly server: TestPostgres;
  readonly emulator: Emulator;
  readonly outputs: Outputs;
  readonly cast: Cast;
}): string {
  const { endpoint, region, credentials } = given.emulator;
  const { host, port, superuser } = given.server;
  const outputs = Object.assign({}, ...Object.values(stackNames).map((name) => given.outputs[name]));
  return JSON.stringify({
    endpoint,
    region,
    credentials,
    outputs,
    postgres: { host, port, superuser },
    cast: scene.shape.cast.parse(given.cast),
  } satisfies Scene);
}

/** The scene that this process was handed. @throws Error when the tests were not started by the runner */
export function sceneGiven(): Scene {
  const text = process.env[SCENE];
  if (text === undefined) throw new Error(`${SCENE} is not set: these tests are run by npm run test:cloud`);
  return scene.parse(JSON.parse(text));
}
