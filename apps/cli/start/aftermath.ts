import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Breakage } from '../../local/demo/breakage';
import { liveLogin, type LiveAnswer } from '../../local/demo/live-login';
import { ordersDb } from '../../local/demo/identities';
import { currentLogin } from '../../local/demo/secrets';
import type { Terminal } from '../output/terminal';
import type { ReportedRun } from './report';

/** What was broken, how it was caught, and what to do about it. */
export interface Aftermath {
  readonly breakage: Breakage;
  readonly whatWasBroken: string;
  readonly caughtBy: string | null;
  readonly nextStep: string;
  /** A login with the credential in force, made now. */
  readonly liveLogin: { readonly role: string; readonly versionId: string } & LiveAnswer;
}

const stories: Readonly<Record<Breakage, Pick<Aftermath, 'whatWasBroken' | 'nextStep'>>> = {
  'stale-session': {
    whatWasBroken: 'The worker answers reloads with 202 and keeps its old sessions.',
    nextStep:
      'Make the consumer obey POST /gapless/consumer/reload (docs/consumers.md); the schedule tries the rotation again by itself.',
  },
  'unreachable-target': {
    whatWasBroken:
      'The way to PostgreSQL was shut as ProveNew began, and opened again once the run had closed.',
    nextStep:
      'See that the target answers; what is owed is settled by itself, and the schedule tries the rotation again.',
  },
  'wrong-candidate': {
    whatWasBroken: 'After Mint a superuser gave the idle role another password behind our back.',
    nextStep:
      'Find out who else changes this role (the PostgreSQL log shows it); the schedule tries the rotation again by itself.',
  },
};

/** Logs in with what is in force now, so that nobody has to believe the records. */
export async function aftermathOf(
  breakage: Breakage,
  run: ReportedRun | undefined,
  secrets: SecretsManagerClient,
  port: number,
): Promise<Aftermath> {
  const { versionId, login } = await currentLogin(secrets, ordersDb.secret);
  const answer = await liveLogin(login, port);
  return {
    breakage,
    ...stories[breakage],
    caughtBy: run?.causeCode ?? null,
    liveLogin: { role: login.username, versionId, ...answer },
  };
}

export function printAftermath(
  terminal: Terminal,
  { whatWasBroken, nextStep, liveLogin }: Aftermath,
  run: ReportedRun | undefined,
): void {
  const { colours } = terminal;
  const answer =
    liveLogin.state === 'accepted'
      ? colours.green('accepted')
      : colours.red(`${liveLogin.state} (${liveLogin.code})`);
  terminal.line();
  terminal.line(`Broken on purpose  ${whatWasBroken}`);
  terminal.line(`Caught             ${run?.causeCode ?? '-'}: ${run?.cause ?? 'the run has not closed'}`);
  terminal.line(
    `In force now       a login as ${liveLogin.role}, just made with the credential in force: ${answer}`,
  );
  terminal.line(`Next step          ${nextStep}`);
}
