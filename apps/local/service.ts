import * as z from 'zod/mini';
import { arn, nameOf, roleIdOf, type Place } from './services/arn';

/** Who made a request: the principal behind the signature the gateway verified. */
export interface Caller {
  readonly accessKeyId: string;
  /** `admin` for the trusted host (CLI, tests); such a caller is not authorised against any role's policies. */
  readonly kind: 'admin' | 'role';
  readonly roleArn: string;
  readonly roleName: string;
  readonly sessionName: string;
  /** Set when the caller is code of a deployed function. */
  readonly functionName?: string;
}

/** A session of a role; calls made inside the engine have no key of their own. */
export const sessionOf = (roleArn: string, sessionName: string, accessKeyId = 'engine'): Caller => {
  return { kind: 'role', accessKeyId, roleArn, roleName: nameOf(roleArn), sessionName };
};

/** What IAM and STS call somebody: a session of a role, or the account itself. */
export function identityOf(place: Place, caller: Omit<Caller, 'accessKeyId'>) {
  if (caller.kind === 'admin') return { userId: place.account, userArn: arn(place, 'iam', 'root') };
  const { roleArn, roleName, sessionName } = caller;
  const userArn = arn(place, 'sts', `assumed-role/${roleName}/${sessionName}`);
  return { userId: `${roleIdOf(roleArn)}:${sessionName}`, userArn };
}

/** One API call on its way to a service, from the wire or from inside the engine. */
export interface Call {
  readonly service: string;
  readonly action: string;
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  /** Ends the process that made the call; used by the fault `kill`. */
  readonly terminate?: (() => void) | undefined;
}

/** One stand-in for an AWS service. The gateway turns wire protocols into these calls and back. */
export interface Service {
  /** Name as in the SigV4 credential scope and in IAM actions, for example `states` or `dynamodb`. */
  readonly name: string;
  /**
   * Performs one API action.
   * @throws ServiceError for every answer AWS would give as an error.
   */
  handle(action: string, input: Record<string, unknown>, caller: Caller): Promise<unknown>;
}

/** A failure that travels to the client as an AWS error answer; `code` is AWS's own name for it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly code: string,
    message: string,
    /** HTTP status of the answer. */
    readonly status: number = 400,
  ) {
    super(message);
  }
}

/** How a service words its errors: S3 has names of its own, the form-encoded ones share theirs, so do all others. */
export function familyOf(service: string): 's3' | 'query' | 'json' {
  if (service === 's3') return 's3';
  return service === 'sts' || service === 'sns' ? 'query' : 'json';
}

/** The failure for anything the engine does not implement: it names the service and the action. */
export function unsupported(service: string, action: string): ServiceError {
  const why = `gapless local does not implement ${service}:${action || '(no action)'}`;
  return new ServiceError('UnsupportedOperation', why);
}

type Input = Record<string, unknown>;
/** Fields of an answer. */
export type Answer = Record<string, unknown>;

/** Performs one action on its input as it came. */
export type Action = (input: Input, caller: Caller) => Answer | void | Promise<Answer | void>;

/**
 * An action that takes what a schema says.
 * @throws ServiceError naming the fields that are missing, malformed or not implemented
 */
export const action =
  <T>(schema: z.ZodMiniType<T>, perform: (input: T, caller: Caller) => ReturnType<Action>): Action =>
  (input, caller) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return perform(parsed.data, caller);
    const fields = parsed.error.issues.map(({ path, message }) => `${path.join('.')} (${message})`);
    const why = `gapless local cannot take ${fields.join(', ')}. Nothing was changed.`;
    throw new ServiceError('ValidationException', why);
  };

/** A service that is a table of actions; any other fails with its name. */
export abstract class ActionTable implements Service {
  abstract readonly name: string;
  protected abstract readonly actions: Readonly<Record<string, Action>>;

  async handle(action: string, input: Input, caller = sessionOf('', 'engine')): Promise<Answer> {
    const perform = this.actions[action];
    if (!perform) throw unsupported(this.name, action);
    return (await perform(input, caller)) ?? {};
  }
}
