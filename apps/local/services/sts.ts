import * as z from 'zod/mini';
import type { Clock } from '../clock';
import { unsupported } from '../dispatch';
import type { Credentials } from '../gateway/credentials';
import type { Caller, Service } from '../service';
import { arn, nameOf, type Place } from './arn';

const Assume = z.object({
  RoleArn: z.string(),
  RoleSessionName: z.string(),
  DurationSeconds: z.prefault(z.coerce.number(), 3600),
});

/** STS: who am I, and sessions of roles whose trust policy names the caller. */
export class Sts implements Service {
  readonly name = 'sts';

  constructor(
    readonly place: Place,
    private readonly credentials: Credentials,
    private readonly clock: Clock,
    /** @throws ServiceError AccessDenied unless the role trusts the caller. */
    private readonly checkTrust: (roleArn: string, caller: Caller) => void,
  ) {}

  async handle(action: string, input: Record<string, unknown>, caller: Caller): Promise<unknown> {
    switch (action) {
      case 'GetCallerIdentity':
        return { Arn: this.#arnOf(caller), UserId: this.#userId(caller), Account: this.place.account };
      case 'AssumeRole':
        return this.#assume(Assume.parse(input), caller);
      default:
        throw unsupported(this.name, action);
    }
  }

  #userId = (caller: Caller) => `${caller.accessKeyId.replace(/^A.IA/, 'AROA')}:${caller.sessionName}`;

  #arnOf(caller: Pick<Caller, 'kind' | 'roleName' | 'sessionName'>): string {
    if (caller.kind === 'admin') return arn(this.place, 'iam', 'root');
    return arn(this.place, 'sts', `assumed-role/${caller.roleName}/${caller.sessionName}`);
  }

  #assume(input: z.infer<typeof Assume>, caller: Caller) {
    this.checkTrust(input.RoleArn, caller);
    const roleName = nameOf(input.RoleArn);
    const principal = {
      kind: 'role',
      roleArn: input.RoleArn,
      roleName,
      sessionName: input.RoleSessionName,
    } as const;
    const session = this.credentials.issue(principal);
    const expiresMs = this.clock.now() + input.DurationSeconds * 1000;
    this.clock.schedule(expiresMs, () => this.credentials.withdraw(session.accessKeyId));
    return {
      AssumedRoleUser: { Arn: this.#arnOf(session.caller), AssumedRoleId: this.#userId(session.caller) },
      Credentials: {
        AccessKeyId: session.accessKeyId,
        SecretAccessKey: session.secretAccessKey,
        SessionToken: session.sessionToken,
        Expiration: new Date(expiresMs).toISOString(),
      },
    };
  }
}
