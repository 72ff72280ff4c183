import * as z from 'zod/mini';
import type { Clock } from '../clock';
import type { Credentials } from '../gateway/credentials';
import type { Iam } from '../iam/iam';
import { action, ActionTable, ServiceError, type Caller } from '../service';
import { arn, nameOf, roleIdOf, type Place } from './arn';

const Assume = z.object({
  RoleArn: z.string(),
  RoleSessionName: z.string(),
  DurationSeconds: z.prefault(z.coerce.number(), 3600),
});

/** What STS needs from the engine. */
export interface StsDeps {
  readonly place: Place;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly iam: Pick<Iam, 'trusts'>;
}

/** STS: who am I, and sessions of roles whose trust policy names the caller. */
export class Sts extends ActionTable {
  readonly name = 'sts';
  protected readonly actions = {
    GetCallerIdentity: (_input: unknown, caller: Caller) => ({
      Arn: this.#arnOf(caller),
      UserId: this.#userId(caller),
      Account: this.deps.place.account,
    }),
    AssumeRole: action(Assume, (input, caller) => this.#assume(input, caller)),
  };

  constructor(private readonly deps: StsDeps) {
    super();
  }

  #userId = (caller: Caller) => `${roleIdOf(caller.roleArn)}:${caller.sessionName}`;

  #arnOf(caller: Pick<Caller, 'kind' | 'roleName' | 'sessionName'>): string {
    if (caller.kind === 'admin') return arn(this.deps.place, 'iam', 'root');
    return arn(this.deps.place, 'sts', `assumed-role/${caller.roleName}/${caller.sessionName}`);
  }

  #assume(input: z.infer<typeof Assume>, caller: Caller) {
    const { RoleArn: roleArn, RoleSessionName: sessionName } = input;
    const { clock, credentials, iam } = this.deps;
    if (caller.kind !== 'admin' && !iam.trusts(roleArn, caller.roleArn)) {
      const message = `${caller.roleArn} is not authorized to perform: sts:AssumeRole on ${roleArn}`;
      throw new ServiceError('AccessDenied', message, 403);
    }
    const session = credentials.issue({ kind: 'role', roleArn, roleName: nameOf(roleArn), sessionName });
    const expiresMs = clock.now() + input.DurationSeconds * 1000;
    clock.schedule(expiresMs, () => credentials.withdraw(session.accessKeyId));
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
