import type { Failure, FailureCode } from '../../core/failure';

/** What a function URL gives back. */
export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;

// A code that is not listed is an error of ours.
const statuses: Readonly<Partial<Record<FailureCode, number>>> = {
  InvalidInput: 400,
  PrincipalRefused: 403,
  SelfApproval: 403,
  RoleNotDisjoint: 403,
  RequesterUnverified: 403,
  ApprovalUnknown: 404,
  UnknownIdentity: 404,
  MethodRefused: 405,
  AlreadyDecided: 409,
  ApprovalExpired: 409,
  RequestEdited: 409,
  StoreUnavailable: 503,
};

/** A JSON document. */
export function answered(value: object): UrlAnswer {
  return { statusCode: 200, headers, body: JSON.stringify(value) };
}

/** A failure as `{error, message}`. */
export function failed({ name, message }: Failure): UrlAnswer {
  return { statusCode: statuses[name] ?? 500, headers, body: JSON.stringify({ error: name, message }) };
}
