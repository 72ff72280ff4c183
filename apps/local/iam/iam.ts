import * as z from 'zod/mini';
import { familyOf, ServiceError, type Call, type Caller } from '../service';
import { decide, like, type Question, type Statement, type Verdict } from './policy';
import { questionsOf, type Inventory } from './questions';

interface Role {
  readonly trust: readonly Statement[];
  readonly statements: Statement[];
  /** ARN of the managed policy that limits it. */
  readonly boundary: string | undefined;
}

/** A statement of a resource's policy and whom it names. */
interface Granted {
  readonly statement: Statement;
  readonly to: readonly string[];
}

const Principal = z.union([z.literal('*'), z.record(z.string(), z.union([z.string(), z.array(z.string())]))]);

/** Names in a Principal element, with their kind left out. */
function principals(value: unknown): string[] {
  const parsed = Principal.safeParse(value);
  if (!parsed.success) return [];
  return parsed.data === '*' ? ['*'] : Object.values(parsed.data).flat();
}

const isRoot = (principal: string) => /^arn:aws:iam::\d{12}:root$|^\d{12}$/.test(principal);

/** Roles and resource policies of the deployed templates; every call of a role is held to them. */
export class Iam {
  readonly #roles = new Map<string, Role>();
  readonly #managed = new Map<string, readonly Statement[]>();
  readonly #resourcePolicies = new Map<string, readonly Granted[]>();

  constructor(private readonly inventory: Inventory) {}

  /** Makes a role known, replacing what an earlier deployment said of it. */
  setRole(arn: string, trust: readonly Statement[], boundary?: string): void {
    if (boundary !== undefined) this.#managedPolicy(arn, boundary);
    this.#roles.set(arn, { trust, statements: [], boundary });
  }

  /** Adds an identity policy to a role. */
  attach(roleArn: string, statements: readonly Statement[]): void {
    const role = this.#roles.get(roleArn);
    if (!role) throw new Error(`policy for an unknown role ${roleArn}; it was not attached`);
    role.statements.push(...statements);
  }

  /** Makes a managed policy of a template known by its ARN. */
  setManagedPolicy(policyArn: string, statements: readonly Statement[]): void {
    this.#managed.set(policyArn, statements);
  }

  /** Adds to a resource's own policy; statements without a Resource are about the resource itself. */
  addResourcePolicy(resourceArn: string, statements: readonly Statement[]): void {
    const before = this.#resourcePolicies.get(resourceArn) ?? [];
    const granted = statements.map((statement) => ({ statement, to: principals(statement.Principal) }));
    this.#resourcePolicies.set(resourceArn, [...before, ...granted]);
  }

  /**
   * Checks a call of a role against its policies; the trusted host is let through.
   * @throws ServiceError AccessDeniedException (AccessDenied in XML services) naming role, action and resource
   */
  authorise(call: Call): void {
    if (call.caller.kind === 'admin') return;
    for (const question of questionsOf(call, this.inventory)) {
      const verdict = this.#verdict(call.caller, question);
      if (verdict !== 'allowed') throw denied(call, question, verdict);
    }
  }

  /** Whether a role's trust policy lets a service (such as `lambda.amazonaws.com`) or a role assume it, on behalf of `sourceArn`. */
  trusts(roleArn: string, principal: string, sourceArn?: string): boolean {
    const context = {
      'aws:SourceAccount': [this.inventory.place.account],
      'aws:PrincipalArn': [principal],
      ...(sourceArn ? { 'aws:SourceArn': [sourceArn] } : {}),
    };
    const question = { action: 'sts:AssumeRole', resource: undefined, context };
    const names = (name: string) =>
      name === principal || name === '*' || (isRoot(name) && principal.startsWith('arn:'));
    const trust = this.#roles.get(roleArn)?.trust ?? [];
    const about = trust.filter((statement) => principals(statement.Principal).some(names));
    return decide(about, question) === 'allowed';
  }

  #managedPolicy(roleArn: string, policyArn: string): readonly Statement[] {
    const statements = this.#managed.get(policyArn);
    if (statements) return statements;
    throw new Error(`${roleArn}: gapless local does not know the managed policy ${policyArn}`);
  }

  #verdict(caller: Caller, question: Question): Verdict {
    const role = this.#roles.get(caller.roleArn);
    const verdict = decide([...(role?.statements ?? []), ...this.#ofResource(caller, question)], question);
    if (verdict !== 'allowed' || role?.boundary === undefined) return verdict;
    return decide(this.#managedPolicy(caller.roleArn, role.boundary), question);
  }

  /** Statements of the resource's policy that name this caller; the account root only delegates to IAM. */
  #ofResource(caller: Caller, { resource }: Question): Statement[] {
    if (resource === undefined) return [];
    const names = ({ statement: { Effect }, to }: Granted) =>
      to.some((name) => like(name, caller.roleArn) || (Effect === 'Deny' && isRoot(name)));
    return [...this.#resourcePolicies]
      .filter(([arn]) => resource === arn || resource.startsWith(`${arn}/`))
      .flatMap(([, granted]) => granted.filter(names).map(({ statement }) => statement));
  }
}

function denied({ service, caller }: Call, question: Question, verdict: Verdict) {
  const { action, resource = '*', context } = question;
  const missing = 'because no identity-based or resource-based policy allows the action';
  const why = verdict === 'denied' ? 'with an explicit deny' : missing;
  const keys = context['dynamodb:LeadingKeys'];
  const about = keys ? ` (leading keys ${keys.join(', ')})` : '';
  const asked = `is not authorized to perform: ${action} on resource: ${resource}`;
  const message = `User: ${caller.roleArn} ${asked} ${why}${about}`;
  const json = familyOf(service) === 'json';
  const status = json && service !== 'lambda' ? 400 : 403;
  return new ServiceError(json ? 'AccessDeniedException' : 'AccessDenied', message, status);
}
