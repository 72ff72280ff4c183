import { modelWorld } from './targets/model';
import { postgresWorld } from './targets/postgres';
import type { World } from './world';

/** The targets that trials run on, by the name `--connector` takes. */
export const worlds: Readonly<Record<string, () => Promise<World>>> = {
  'postgres-role': postgresWorld,
  model: modelWorld,
};
