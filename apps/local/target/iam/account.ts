import { randomBytes } from 'node:crypto';
import { parsePolicy, type Statement } from '../../iam/policy';
import { Timeline } from './timeline';

/** Account number of the stand-in, of the shape that documentation uses. */
export const ACCOUNT = '111122223333';
export const QUOTA = 2;

/** Deleted keys stay known with the status `none`, because slow places still accept them. */
export type KeyStatus = 'Active' | 'Inactive' | 'none';

export interface Key {
  readonly id: string;
  readonly secret: string;
  readonly user: string;
  readonly createdAt: number;
  readonly status: Timeline<KeyStatus>;
  lastUsedAt: number | undefined;
}

/** What a policy decides on besides the statements of the request. */
export interface Standing {
  readonly statements: readonly Statement[];
  readonly tags: ReadonlyMap<string, string>;
}

/** A user or a role: policies by name or ARN, tags, and what of both each place can see. */
export interface Principal {
  readonly kind: 'user' | 'role';
  readonly name: string;
  readonly arn: string;
  readonly inline: Map<string, string>;
  readonly attached: Set<string>;
  readonly tags: Map<string, string>;
  /** Names of users that may assume it. */
  readonly trusts: readonly string[];
  readonly standing: Timeline<Standing>;
}

/** A principal as somebody makes it at the console. */
export interface Founding extends Pick<Principal, 'kind' | 'name' | 'trusts'> {
  readonly policy: object | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Temporary credentials of a user (GetSessionToken) or a role (AssumeRole). */
export interface Session {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  readonly principal: Principal;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const everything = { Effect: 'Deny', Action: '*', Resource: '*' };
/** AWS managed policies that the stand-in knows, by ARN. */
const managed: Readonly<Record<string, object>> = {
  'arn:aws:iam::aws:policy/AWSDenyAll': { Statement: [everything] },
};

export const isManaged = (arn: string): boolean => Object.hasOwn(managed, arn);

const id = (prefix: 'AKIA' | 'ASIA') => prefix + randomBytes(8).toString('hex').toUpperCase();
const secret = () => randomBytes(30).toString('base64');

/** Users, roles, keys and sessions of one account. */
export class Account {
  readonly principals = new Map<string, Principal>();
  readonly keys = new Map<string, Key>();
  readonly sessions = new Map<string, Session>();

  constructor(private readonly clock: () => number) {}

  /** Makes a user or a role. What an account starts with is seen everywhere. */
  add({ kind, name, policy, trusts, tags }: Founding): Principal {
    const arn = `arn:aws:iam::${ACCOUNT}:${kind}/${name}`;
    const own = {
      inline: new Map<string, string>(),
      attached: new Set<string>(),
      tags: new Map(Object.entries(tags)),
    };
    const standing = new Timeline<Standing>({ statements: [], tags: new Map() });
    const principal: Principal = { kind, name, arn, trusts, standing, ...own };
    if (policy) principal.inline.set('rights', JSON.stringify(policy));
    this.principals.set(`${kind}/${name}`, principal);
    standing.set(0, standingOf(principal));
    return principal;
  }

  /** Has to follow every change of policies and tags. */
  changed(principal: Principal): void {
    principal.standing.set(this.clock(), standingOf(principal));
  }

  createKey(user: string, since = this.clock()): Key {
    const status = new Timeline<KeyStatus>('none');
    status.set(since, 'Active');
    const given = { id: id('AKIA'), secret: secret(), createdAt: this.clock() };
    const key: Key = { ...given, user, status, lastUsedAt: undefined };
    this.keys.set(key.id, key);
    return key;
  }

  keysOf(user: string): readonly Key[] {
    return [...this.keys.values()].filter((key) => key.user === user && key.status.now !== 'none');
  }

  open(principal: Principal, seconds: number): Session {
    const issuedAt = this.clock();
    const token = randomBytes(96).toString('base64');
    const times = { issuedAt, expiresAt: issuedAt + seconds * 1_000 };
    const session: Session = { id: id('ASIA'), secret: secret(), token, principal, ...times };
    this.sessions.set(session.id, session);
    return session;
  }
}

function standingOf({ inline, attached, tags }: Principal): Standing {
  const documents = [
    ...[...inline.values()].map((text): unknown => JSON.parse(text)),
    ...[...attached].map((arn) => managed[arn]),
  ];
  return {
    statements: documents.flatMap((document) => parsePolicy(document, 'a policy of the stand-in')),
    tags: new Map(tags),
  };
}
