import * as z from 'zod/mini';
import { Failure, type Effect } from '../../core/failure';

/** What was asked of a store, in words that may be shown: a name, never a value. */
export interface StoreCall {
  /** The service and action, such as `dynamodb:PutItem`. */
  readonly action: string;
  /** What it was about: a table and key, a secret's name, a bucket and key. */
  readonly about: string;
  readonly access: 'read' | 'write';
}

const sdkError = z.object({
  name: z.string(),
  $fault: z.optional(z.enum(['client', 'server'])),
  $metadata: z.optional(
    z.object({
      httpStatusCode: z.optional(z.number()),
      attempts: z.optional(z.number()),
      requestId: z.optional(z.string()),
    }),
  ),
});
type SdkError = z.infer<typeof sdkError>;

// Names the services of this folder answer with when a call was not taken up; each is in that service's API reference.
const throttles: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

// The far side answered, and the same call can succeed later.
const passing: ReadonlySet<string> = new Set([
  'ConditionalRequestConflict',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'RequestTimeout',
  'RequestTimeoutException',
]);

/** The SDK's name of an error, such as `ResourceNotFoundException`; undefined for anything else that was thrown. */
export function sdkErrorName(error: unknown): string | undefined {
  return sdkError.safeParse(error).data?.name;
}

/**
 * An SDK error as one of ours. The SDK's message is left out: it may quote the request. StoreUnavailable when the
 * store did not answer or asked to slow down; Internal when repeating the same call cannot help (missing rights, a
 * missing table).
 */
export function storeFailure(error: unknown, call: StoreCall): Failure {
  if (error instanceof Failure) return error;
  const parsed = sdkError.safeParse(error).data ?? { name: 'unknown error' };
  const effect = effectOf(parsed, call);
  const answer = `${parsed.name}${withStatus(parsed)}`;
  const changed = effect === 'none' ? 'Nothing was changed.' : 'The change may have been made.';
  if (repeatable(parsed)) {
    const message = `${call.action} on ${call.about} got no usable answer: ${answer}. ${changed} Repeat the step: it finds out what is there first.`;
    return new Failure('StoreUnavailable', message, effect);
  }
  const message = `${call.action} on ${call.about} was rejected with ${answer}. ${changed} Check that it exists and that this function's role may call ${call.action}: gapless doctor`;
  return new Failure('Internal', message, effect);
}

function effectOf(error: SdkError, call: StoreCall): Effect {
  if (call.access === 'read') return 'none';
  // The SDK repeats by itself: only a first answer that is a rejection says that nothing was taken up before it.
  const onlyAttempt = (error.$metadata?.attempts ?? Number.POSITIVE_INFINITY) <= 1;
  const rejected = throttles.has(error.name) || (statusOf(error) >= 400 && statusOf(error) < 500);
  return onlyAttempt && rejected ? 'none' : 'unknown';
}

function repeatable(error: SdkError): boolean {
  if (throttles.has(error.name) || passing.has(error.name) || error.$fault === 'server') return true;
  const status = statusOf(error);
  return status === 429 || status >= 500 || status < 400;
}

function statusOf(error: SdkError): number {
  return error.$metadata?.httpStatusCode ?? 0;
}

function withStatus(error: SdkError): string {
  const status = error.$metadata?.httpStatusCode;
  const request = error.$metadata?.requestId;
  const parts = [status && `HTTP ${status}`, request && `request ${request}`].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
