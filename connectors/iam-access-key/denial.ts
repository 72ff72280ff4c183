import * as z from 'zod/mini';
import type { Call, Subject } from '../../core/call';
import type { Change } from '../../core/connector';
import { ask, mustAsk } from './iam';
import { partitionOf } from './places';
import { type IamTarget, SESSION_SECONDS } from './target';
import { dropTag, setTag, tags, type User } from './user';

/** Name of the inline policy that denies sessions by their time of issue. */
export const OLDER_SESSIONS = 'GaplessDenyOlderSessions';

/** What lies between reading IAM's clock and the last sight of a key: the change itself, and one round of probes. */
const MARGIN_SECONDS = 10;

/** The AWS managed policy that denies everything. */
export function denyAllOf(target: IamTarget): string {
  return `arn:${partitionOf(target)}:iam::aws:policy/AWSDenyAll`;
}

/** Keys of the user that its tags say are another identity's: what is denied to the user is denied to them too. */
export function othersOn({ identityId }: Subject, user: User): readonly string[] {
  return user.keys.filter(({ owner }) => owner !== identityId).map(({ id }) => id);
}

/**
 * Denies the user everything: AWSDenyAll, and a tag that an organization's own policy may deny by, where even an
 * administrator of the account cannot take it back. A user that another identity shares is left as it is.
 */
export async function isolate(
  subject: Subject,
  target: IamTarget,
  user: User,
  call: Call,
): Promise<Change & { readonly left?: string }> {
  const others = othersOn(subject, user);
  if (others.length > 0) {
    const left = `user ${target.user} has keys of other identities (${others.join(', ')}), so it was not denied everything; its own keys are made inactive`;
    return { effect: 'notApplicable', left };
  }
  const isTagged = user.tags.has(tags.contained);
  if (isTagged && (await isDeniedAll(target, call))) return { effect: 'alreadySo' };
  if (!isTagged)
    await setTag(target, tags.contained, `${call.runId} ${new Date(user.at).toISOString()}`, call);
  const change = { UserName: target.user, PolicyArn: denyAllOf(target) };
  const { requestId } = await mustAsk(target, { action: 'AttachUserPolicy', change }, call);
  return { effect: 'applied', ...(requestId !== undefined && { requestId }) };
}

/** Whether the policy that denies everything is attached to the user, as IAM tells it. */
export async function isDeniedAll(target: IamTarget, call: Call): Promise<boolean> {
  const read = { UserName: target.user };
  const told = await ask(target, { action: 'ListAttachedUserPolicies', read }, call);
  return told.state === 'done' && told.result.all('PolicyArn').includes(denyAllOf(target));
}

/**
 * Takes back what `isolate` did, for a credential that is to work. Sessions made before are denied by their time of
 * issue from then on, as long as one of them could still be alive.
 */
export async function lift(target: IamTarget, user: User, call: Call): Promise<void> {
  const contained = user.tags.get(tags.contained);
  if (contained === undefined) return;
  const since = Date.parse(contained.split(' ')[1] ?? '');
  if (!(user.at - since > SESSION_SECONDS * 1_000)) await denyOlder(target, user.at, call);
  const change = { UserName: target.user, PolicyArn: denyAllOf(target) };
  await ask(target, { action: 'DetachUserPolicy', change }, call);
  await dropTag(target, tags.contained, call);
}

/**
 * Denies every session of the user and of the policy's roles that was issued before keys that are inactive since `at`
 * (epoch ms, by IAM's clock) can have been forgotten everywhere. A key itself has no time of issue and is not touched.
 */
export async function denyOlder(target: IamTarget, at: number, call: Call): Promise<void> {
  const cut = new Date(at + (target.pace.propagationSeconds + MARGIN_SECONDS) * 1_000).toISOString();
  const policy = { PolicyName: OLDER_SESSIONS, PolicyDocument: documentOf(cut) };
  const principals = [
    { action: 'PutUserPolicy', change: { UserName: target.user, ...policy } },
    ...target.sessions.roles.map((arn) => ({
      action: 'PutRolePolicy',
      change: { RoleName: roleName(arn), ...policy },
    })),
  ];
  await Promise.all(principals.map(async (asking) => mustAsk(target, asking, call)));
}

function documentOf(cut: string): string {
  const Condition = { DateLessThan: { 'aws:TokenIssueTime': cut } };
  const statement = { Sid: OLDER_SESSIONS, Effect: 'Deny', Action: '*', Resource: '*', Condition };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

const documentSchema = z.object({
  Statement: z.array(
    z.object({
      Effect: z.literal('Deny'),
      Action: z.literal('*'),
      Resource: z.literal('*'),
      Condition: z.strictObject({ DateLessThan: z.strictObject({ 'aws:TokenIssueTime': z.string() }) }),
    }),
  ),
});

/** Up to which time of issue (epoch ms) sessions of the user, or of a role, are denied; undefined where none are. */
export async function cutOf(target: IamTarget, role: string | undefined, call: Call) {
  const named = { PolicyName: OLDER_SESSIONS };
  const asking =
    role === undefined
      ? { action: 'GetUserPolicy', read: { UserName: target.user, ...named } }
      : { action: 'GetRolePolicy', read: { RoleName: roleName(role), ...named } };
  const told = await ask(target, asking, call);
  return told.state === 'absent' ? undefined : cutIn(told.result.first('PolicyDocument') ?? '');
}

function cutIn(escaped: string): number | undefined {
  try {
    const parsed = documentSchema.safeParse(JSON.parse(decodeURIComponent(escaped)));
    const cut = parsed.data?.Statement[0]?.Condition.DateLessThan['aws:TokenIssueTime'];
    return cut === undefined || Number.isNaN(Date.parse(cut)) ? undefined : Date.parse(cut);
  } catch {
    return undefined;
  }
}

function roleName(arn: string): string {
  return arn.split('/').at(-1) ?? '';
}
