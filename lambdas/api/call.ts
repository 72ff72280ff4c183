import * as z from 'zod/mini';
import { principalOf, type Principal } from '../../core/approval/principal';
import { Failure } from '../../core/failure';
import { complaintsOf } from '../../core/policy/complaints';

/** The most bytes a request's body may have where nothing else is said. */
const BODY_BYTES = 4 * 1024;

const text = z.string();
/** Payload format 2.0 of a function URL with AuthType AWS_IAM (Lambda developer guide, "Invoking function URLs"). */
const urlEvent = z.object({
  rawPath: text,
  requestContext: z.object({
    http: z.object({ method: text }),
    authorizer: z.object({
      iam: z.object({ accountId: text, userArn: text, userId: text, callerId: text }),
    }),
  }),
  body: z.optional(text),
  isBase64Encoded: z.optional(z.boolean()),
});

/** A request by a verified principal. */
export interface ApiCall {
  readonly method: string;
  /** The parts of the path; `/approvals/1/deny` has three. */
  readonly path: readonly string[];
  readonly principal: Principal;
  readonly body: string;
}

/**
 * Reads a function URL's event. Nothing in it but `requestContext`, which Lambda writes, says who calls.
 * @throws Failure InvalidInput; PrincipalRefused for callers that are no role session
 */
export function parseCall(event: unknown): ApiCall {
  const parsed = urlEvent.safeParse(event);
  if (!parsed.success) throw refused('InvalidInput', 'This is no request of a function URL with AWS_IAM.');
  const { rawPath, requestContext, body = '', isBase64Encoded } = parsed.data;
  const { iam } = requestContext.authorizer;
  const principal = principalOf(iam);
  if (!principal) {
    const sentence = `${iam.userArn} is no session of a role, so it cannot be told apart from others who use it. Take the role that may call this URL (docs/approvals.md) and sign with its session.`;
    throw refused('PrincipalRefused', sentence);
  }
  const decoded = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  const path = rawPath.split('/').filter((part) => part !== '');
  return { method: requestContext.http.method, path, principal, body: decoded };
}

/**
 * Reads a body. Unknown fields are refused.
 * @param most bytes it may have
 * @throws Failure InvalidInput naming each field and what is allowed, or both sizes
 */
export function parseBody<T>(
  schema: z.ZodMiniType<T>,
  { body }: Pick<ApiCall, 'body'>,
  most: number = BODY_BYTES,
): T {
  const bytes = Buffer.byteLength(body);
  if (bytes > most)
    throw refused('InvalidInput', `The body has ${bytes} bytes; at most ${most} are allowed here.`);
  const given = json(body);
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = complaintsOf(parsed.error, given).map(({ field, message }) => `${field}: ${message}`);
  throw refused('InvalidInput', `${wrong.join('; ').slice(0, 800)}.`);
}

function json(body: string): unknown {
  try {
    return JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw refused('InvalidInput', 'The body is not JSON.');
  }
}

/** A request that is not taken. */
export function refused(
  code: 'InvalidInput' | 'PrincipalRefused' | 'MethodRefused' | 'ApprovalUnknown' | 'UnknownIdentity',
  sentence: string,
): Failure {
  return new Failure(code, `${sentence} Nothing was changed.`, 'none');
}

/** The failure for paths and methods that are not served. */
export function notServed({ method, path }: ApiCall, served: readonly string[]): Failure {
  const asked = `${method} /${path.join('/')}`.slice(0, 120);
  return refused('MethodRefused', `${asked} is not served here; want one of ${served.join(', ')}.`);
}
