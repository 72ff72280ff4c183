import { DatabaseError } from 'pg';
import { type Effect, Failure, type FailureCode } from '../../core/failure';

/** What was attempted, in words that hold no value and no secret. */
export interface Attempted {
  /** host:port/database */
  readonly at: string;
  /** The role that logged in, where that is what failed. */
  readonly as?: string;
  /** The kind of statement, such as `ALTER ROLE`, or `login`. */
  readonly doing: string;
}

const loginCodes: Readonly<Record<string, readonly [FailureCode, string]>> = {
  '28P01': ['AdminRightsMissing', 'the role or its password was refused; put the right one in the secret'],
  '28000': ['AdminRightsMissing', 'the role may not log in from here; check LOGIN and pg_hba.conf'],
  '3D000': ['InvalidInput', 'target.database does not exist there'],
};

const codes: Readonly<Record<string, readonly [FailureCode, string]>> = {
  '42501': [
    'AdminRightsMissing',
    'the role lacks a right; connectors/postgres-role/README.md lists the GRANTs',
  ],
  '25006': [
    'TargetRejected',
    'the server is read-only, such as a standby; target.host has to be the primary',
  ],
  '40001': ['TargetUnreachable', 'a concurrent change was in the way; repeat'],
  '40P01': ['TargetUnreachable', 'a concurrent change was in the way; repeat'],
  // "tuple concurrently updated": somebody else altered the same role in this moment.
  XX000: ['TargetUnreachable', 'a concurrent change was in the way; repeat'],
  '55P03': ['TargetUnreachable', 'a lock was not free in time; repeat'],
  '57014': ['TargetUnreachable', 'the statement did not end in time; repeat'],
};

const classes: Readonly<Record<string, readonly [FailureCode, string]>> = {
  '08': ['TargetUnreachable', 'the connection failed; repeat'],
  '53': ['TargetThrottled', 'the server has no room for it now; repeat'],
  '57': ['TargetUnreachable', 'the server is starting or going down; repeat'],
};

/** A Failure that came from an answer of the target, with its code. */
export class TargetFailure extends Failure {
  readonly rawCode: string;

  constructor(code: FailureCode, message: string, effect: Effect, rawCode: string) {
    super(code, message, effect);
    this.rawCode = rawCode;
  }
}

/**
 * Rebuilds a driver's error from its code: its message, detail and SQL may hold values and are dropped.
 * `effect` is what the caller knows about it.
 */
export function failureFrom(error: unknown, attempted: Attempted, effect: Effect): TargetFailure {
  const code = rawCodeOf(error);
  const [name, words] = classify(error, code, attempted);
  const changed = effect === 'none' ? 'Nothing was changed' : 'Whether it took effect is not known';
  const who = attempted.as === undefined ? '' : ` as ${attempted.as}`;
  return new TargetFailure(
    name,
    `${attempted.at}: ${attempted.doing}${who} failed (${code}): ${words}. ${changed}`,
    effect,
    code,
  );
}

function classify(error: unknown, code: string, attempted: Attempted): readonly [FailureCode, string] {
  if (!(error instanceof DatabaseError)) return ['TargetUnreachable', 'the server did not answer; repeat'];
  const forLogin = attempted.doing === 'login' ? loginCodes[code] : undefined;
  return (
    forLogin ??
    codes[code] ??
    classes[code.slice(0, 2)] ?? ['TargetRejected', 'the server refused the statement']
  );
}

/** SQLSTATE or errno, else a word for what happened on our side. Never a message. */
export function rawCodeOf(error: unknown): string {
  const { code, message } = codeAndMessage(error);
  if (/^[A-Z0-9_]{2,48}$/.test(code)) return code;
  for (const [pattern, word] of driverWords) if (pattern.test(message)) return word;
  return 'UNKNOWN';
}

// By shape: an error of another realm, such as a vm context's, is no instance of this one's Error.
function codeAndMessage(error: unknown): { readonly code: string; readonly message: string } {
  if (error === null || typeof error !== 'object') return { code: '', message: '' };
  const text = (name: string) => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' ? value : '';
  };
  return { code: text('code'), message: text('message') };
}

/** The driver's own errors carry no code (pg/lib/client.js, connection.js, crypto/sasl.js). */
const driverWords: readonly (readonly [RegExp, string])[] = [
  [/timeout/i, 'TIMEOUT'],
  [/SSL/, 'TLS_NOT_OFFERED'],
  [/SASL|SCRAM/, 'SCRAM_FAILED'],
  [/^asked for /, 'SCRAM_NOT_OFFERED'],
  [/terminated|closed|not queryable/i, 'CONNECTION_LOST'],
];
