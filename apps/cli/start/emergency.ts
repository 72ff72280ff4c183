import { randomUUID } from 'node:crypto';
import { startAttacker, type Attacker, type Tried } from '../../local/demo/attacker';
import { reportsDb } from '../../local/demo/identities';
import { currentLogin } from '../../local/demo/secrets';
import type { Scene } from '../../local/demo/scene';
import { begin } from '../by-hand';
import type { Connection } from '../connection';
import { clockLines } from '../output/revocation-lines';
import type { Terminal } from '../output/terminal';
import type { Stores } from '../stores';
import { revocationOf, type RevocationFacts } from '../watch/revocation';
import { watchRun, type WatchedRun } from '../watch/run';
import { reportOf, type Measured, type ReportedRun } from './report';

/** A revocation as it is reported. */
export interface ReportedRevocation
  extends ReportedRun, Pick<RevocationFacts, 'deadline' | 'sessions' | 'lastAcceptedAt' | 'firstRefusedAt'> {}

/** What was shown of an emergency, and what the attacker says of it. */
export interface Emergency {
  readonly run: ReportedRevocation;
  readonly attacker: Attacked;
}

/** How many of the attacker's sessions got which answer to their next statement, and its next login. */
export interface Attacked {
  readonly sessions: number;
  readonly nextStatements: Readonly<Record<string, number>>;
  readonly nextLogin: string;
  readonly logins: Tried['logins'];
}

export interface EmergencyStage {
  readonly scene: Scene;
  readonly stores: Stores;
  readonly terminal: Terminal;
  readonly connection: Connection;
}

/**
 * Lets an attacker use a third identity's password, and revokes it.
 * @returns undefined where an earlier start has revoked it already
 */
export async function showEmergency(stage: EmergencyStage): Promise<Emergency | undefined> {
  const { scene, stores, terminal } = stage;
  const row = await stores.registry.identity(reportsDb.id);
  if (row?.revoked) {
    terminal.progress(
      `\n${reportsDb.id} stays revoked, since ${row.revoked.at}, by run ${row.revoked.runId}.`,
    );
    return undefined;
  }
  const { login } = await currentLogin(scene.secrets, reportsDb.secret);
  const attacker = await startAttacker(login, reportsDb.owner ?? login.username);
  try {
    terminal.progress(
      `\nSomebody has the password of ${reportsDb.id} and holds ${attacker.sessions} sessions: one runs a statement in an open transaction, one has changed its role, one is idle in a transaction; and it logs in again and again.`,
    );
    const { id, secret } = reportsDb;
    const run = await revokeIt(stage, { id, secret, reason: 'its password was found in a log' });
    return { run, attacker: await attackedOf(attacker, terminal) };
  } finally {
    await attacker.stop();
  }
}

/** An identity that is revoked, with the name of its secret. */
export interface Leaked {
  readonly id: string;
  readonly secret: string;
  readonly reason: string;
}

/** Revokes an identity by hand and shows it with its clock. */
export async function revokeIt(stage: EmergencyStage, leaked: Leaked): Promise<ReportedRevocation> {
  const { scene, stores, terminal, connection } = stage;
  const input = { identityId: leaked.id, reason: leaked.reason };
  const started = { machine: 'revocation', runId: randomUUID(), actor: 'demo', input } as const;
  const { executionArn } = await begin(stores, connection, started);
  const revocation = { monotonic: () => performance.now() };
  const run = await watchRun({ ...stores, terminal, revocation }, executionArn);
  const facts = revocationOf(run.chains);
  for (const line of clockLines(terminal, facts)) terminal.progress(line);
  return reported(run, facts, { meter: scene.meter, secret: leaked.secret, consumerFailures: null });
}

function reported(
  run: WatchedRun,
  { deadline, sessions, lastAcceptedAt, firstRefusedAt }: RevocationFacts,
  measured: Measured,
): ReportedRevocation {
  const report = reportOf(run, measured);
  return { ...report, kind: 'revocation', deadline, sessions, lastAcceptedAt, firstRefusedAt };
}

async function attackedOf(attacker: Attacker, terminal: Terminal): Promise<Attacked> {
  const { statements, login, logins } = await attacker.tries();
  const nextStatements: Record<string, number> = {};
  for (const { answer } of statements) nextStatements[answer] = (nextStatements[answer] ?? 0) + 1;
  const answers = Object.entries(nextStatements).map(([answer, count]) => `${count} × ${answer}`);
  terminal.progress(
    `  ${'the attacker says'.padEnd(22)}next statement of its ${attacker.sessions} sessions: ${answers.join(', ')}; next login: ${login} (${logins.accepted} accepted before, ${logins.refused} refused since)`,
  );
  return { sessions: attacker.sessions, nextStatements, nextLogin: login, logins };
}
