import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { FaultPoint } from '../faults';
import type { RunningPostgres } from '../target/postgres';
import type { Gate } from './gate';
import { freshPassword, ordersDb } from './identities';

/** What the demo breaks on purpose. */
export const breakages = ['stale-session', 'unreachable-target', 'wrong-candidate'] as const;
export type Breakage = (typeof breakages)[number];

/** Environment that makes the example worker play its part. */
export function workerPart(breakage: Breakage | undefined): Readonly<Record<string, string>> {
  return breakage === 'stale-session' ? { IGNORE_RELOAD: '1' } : {};
}

export interface Breakable {
  readonly postgres: RunningPostgres;
  readonly gate: Gate | undefined;
}

/** Does the damage when its moment comes; asked at every fault point. */
export async function strike(
  breakage: Breakage,
  point: FaultPoint,
  { postgres, gate }: Breakable,
): Promise<void> {
  if (point.boundary !== 'task') return;
  switch (breakage) {
    case 'stale-session':
      return;
    case 'unreachable-target':
      if (point.stateName === 'ProveNew' && point.phase === 'before') await gate?.shut();
      return;
    case 'wrong-candidate':
      if (point.stateName === 'Mint' && point.phase === 'after') await changeBehindOurBack(postgres);
      return;
    default:
      return breakage satisfies never;
  }
}

/** Somebody with superuser rights gives the idle role another password. */
async function changeBehindOurBack({ host, port, superuser }: RunningPostgres): Promise<void> {
  const client = new Client({ host, port, ...superuser, database: 'postgres', ssl: false });
  await client.connect();
  try {
    const idle = escapeIdentifier(ordersDb.roles[1] ?? ordersDb.roles[0]);
    await client.query(`ALTER ROLE ${idle} PASSWORD ${escapeLiteral(freshPassword())}`);
  } finally {
    await client.end();
  }
}
