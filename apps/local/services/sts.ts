import * as z from 'zod/mini';
import type { Clock } from '../clock';
import type { Credentials } from '../gateway/credentials';
import { action, ActionTable, type Caller } from '../service';
import { arn, nameOf, type Place } from './arn';

const Assume = z.object({
  RoleArn: z.string(),
  RoleSessionName: z.string(),
  DurationSeconds: z.prefault(z.coerce.number(), 3600),
});

/** STS: who am I, and sessions of roles whose trust policy names the caller. */
export class Sts extends ActionTable {
  readonly name = 'sts';
  protected readonly actions = {
    GetCallerIdentity: (_input: unknown, caller: Caller) => ({
      Arn: this.#arnOf(caller),
      UserId: this.#userId(caller),
      Account: this.place.account,
    }),
    AssumeRole: action(Assume, (input, caller) => this.#assume(input, caller)),
  };

  constructor(
    readonly place: Place,
    private readonly credentials: Credentials,
    private readonly clock: Clock,
    /** @throws ServiceError AccessDenied unless the role trusts the caller. */
    private readonly checkTrust: (roleArn: string, caller: Caller) => void,
  ) {
    super();
  }

  #userId = (caller: Caller) => `${caller.accessKeyId.replace(/^A.IA/, 'AROA')}:${caller.sessionName}`;

  #arnOf(caller: Pick<Caller, 'kind' | 'roleName' | 'sessionName'>): string {
    if (caller.kind === 'admin') return arn(this.place, 'iam', 'root');
    return arn(this.place, 'sts', `assumed-role/${caller.roleName}/${caller.sessionName}`);
  }

  #assume(input: z.infer<typeof Assume>, caller: Caller) {
    this.checkTrust(input.RoleArn, caller);
    const { RoleArn: roleArn, RoleSessionName: sessionName } = input;
    const session = this.credentials.issue({ kind: 'role', roleArn, roleName: nameOf(roleArn), sessionName });
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
