import type { Actor } from '../evidence/record';

/**
 * A role session whose request signature AWS has checked. `roleId` is the role's unique id (`AROA…`), which no later
 * role of the same name has (IAM user guide, "IAM identifiers").
 */
export interface Principal {
  readonly accountId: string;
  readonly roleId: string;
  readonly sessionName: string;
  /** ARN of the session, `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
  readonly userArn: string;
}

/** What a function URL with AuthType AWS_IAM says of its caller (Lambda developer guide, "Invoking function URLs"). */
export interface IamCaller {
  readonly accountId: string;
  readonly userArn: string;
  /** `<role id>:<session name>` of a role session. */
  readonly userId: string;
  readonly callerId: string;
}

// IAM's prefixes of unique ids: a role's begins with AROA.
const SESSION_ID = /^(AROA[A-Z0-9]+):([\w+=,.@-]{2,64})$/;

/** The caller as a principal; undefined for users and the account root, which are nobody in particular. */
export function principalOf({ accountId, userArn, userId }: IamCaller): Principal | undefined {
  const [, roleId, sessionName] = SESSION_ID.exec(userId) ?? [];
  if (roleId === undefined || sessionName === undefined) return undefined;
  return { accountId, roleId, sessionName, userArn };
}

/** A role session by its id and ARN, as the API log names it; undefined for anybody else. */
export function sessionOf(userId: string, userArn: string): Principal | undefined {
  return principalOf({ accountId: userArn.split(':')[4] ?? '', userArn, userId, callerId: userId });
}

/** The id evidence gives a principal: role id and session name. */
export function idOf({ roleId, sessionName }: Principal): string {
  return `${roleId}:${sessionName}`;
}

/** A principal as the verified actor of a record. */
export function actorOf(principal: Principal): Actor {
  return { type: 'person', id: idOf(principal), assurance: 'verified' };
}

/** Whoever asked: a verified principal, or what an input claims. */
export interface Requester {
  readonly actor: Actor;
  /** Undefined where nobody has verified who asked. */
  readonly principal: Principal | undefined;
}

/**
 * Whether both are one person. The session name alone is enough: a person with two roles keeps it in both, as IAM
 * Identity Center does. A requester who was only claimed is held to the claim, be it a name or `<role id>:<name>`.
 */
export function samePerson(requester: Requester, principal: Principal): boolean {
  const { actor, principal: verified } = requester;
  if (verified && idOf(verified) === idOf(principal)) return true;
  const name = verified?.sessionName ?? (actor.type === 'person' ? actor.id : undefined);
  if (name === undefined) return false;
  // No session name has a colon.
  const said = [name, name.slice(name.lastIndexOf(':') + 1)];
  return said.some((each) => each.toLowerCase() === principal.sessionName.toLowerCase());
}
