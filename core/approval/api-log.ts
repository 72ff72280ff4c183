import * as z from 'zod/mini';
import type { Actor, RecordOf } from '../evidence/record';
import { freeze } from './request';

const text = z.string().check(z.maxLength(2_048));

// An event as CloudTrail hands it to EventBridge: docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html;
// its detail as docs.aws.amazon.com/step-functions/latest/dg/procedure-cloud-trail.html shows it for StartExecution.
const started = z.object({
  source: z.literal('aws.states'),
  'detail-type': z.literal('AWS API Call via CloudTrail'),
  detail: z.object({
    eventSource: z.literal('states.amazonaws.com'),
    eventName: z.literal('StartExecution'),
    eventID: text,
    eventTime: z.iso.datetime(),
    userIdentity: z.object({
      type: text,
      principalId: z.optional(text),
      arn: z.optional(text),
      userName: z.optional(text),
    }),
    requestParameters: z.nullish(z.object({ input: z.nullish(z.string()) })),
    // Null where the call was refused: then nothing was started.
    responseElements: z.nullish(z.object({ executionArn: z.nullish(text) })),
  }),
});

/** A start of an execution, as the account's API log tells of it. */
export interface LoggedStart {
  readonly eventId: string;
  /** When the call was made, ISO 8601 UTC, to the second. */
  readonly at: string;
  readonly executionArn: string;
  /** Who made it: `<role id>:<session name>`, or `<user id>:<user name>`. */
  readonly by: string;
  /** ARN of the same. */
  readonly arn: string;
  /** The input that was given; undefined where the log does not show it. */
  readonly input: unknown;
}

/** Reads an event; undefined when it tells of no execution that somebody in particular has started. */
export function loggedStart(event: unknown): LoggedStart | undefined {
  const { success, data } = started.safeParse(event);
  if (!success) return undefined;
  const { eventID: eventId, eventTime: at, userIdentity, requestParameters, responseElements } = data.detail;
  const { principalId, arn, userName } = userIdentity;
  const executionArn = responseElements?.executionArn ?? undefined;
  if (executionArn === undefined || principalId === undefined || arn === undefined) return undefined;
  // A role session's id has the session's name in it; a user's has not.
  const by = principalId.includes(':') ? principalId : `${principalId}:${userName ?? arn.split('/').at(-1)}`;
  return { eventId, at, executionArn, by, arn, input: json(requestParameters?.input ?? '') };
}

function json(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

/** The input's hash as a request through the API has it (`StartRequest`); null where the log does not show the input. */
export function inputHash({ input }: LoggedStart): string | null {
  return typeof input === 'object' && input !== null ? freeze(input).sha256 : null;
}

/** Whoever the log names, as the actor of a record. */
export function loggedActor({ by }: LoggedStart): Actor {
  return { type: 'person', id: by.slice(0, 512), assurance: 'verified' };
}

/**
 * Names can be used again after 90 days, and a call with the same name and input is answered as the first was while that
 * execution runs (Step Functions API reference, StartExecution): a start is the run's own only if it is of that moment.
 */
const MOMENT_MS = 60_000;

const said = z.object({ identityId: z.optional(z.string()), reason: z.optional(z.string()) });

/** Why a logged start of an execution of the run's name is not that of the run; undefined when it is. */
export function notOf(
  start: LoggedStart,
  { requestedAt, identity, reason, kind }: RecordOf<'RunOpened'>,
): string | undefined {
  if (Math.abs(Date.parse(start.at) - Date.parse(requestedAt)) > MOMENT_MS)
    return `it was made at ${start.at}, and the run was asked for at ${requestedAt}`;
  const { data } = said.safeParse(start.input);
  if (!data) return undefined;
  if (kind !== 'bulk' && data.identityId !== identity.id)
    return `its input is for ${data.identityId ?? 'nobody'}`;
  return data.reason !== undefined && data.reason !== reason ? 'its input gives another reason' : undefined;
}
