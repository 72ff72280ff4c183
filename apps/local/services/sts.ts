import * as z from 'zod/mini';
import type { Iam } from '../iam/iam';
import { action, ActionTable, ServiceError, sessionOf, type Caller } from '../service';
import type { Surroundings } from '../surroundings';
import { arn, roleIdOf } from './arn';

const Assume = z.object({
  RoleArn: z.string(),
  RoleSessionName: z.string(),
  DurationSeconds: z.prefault(z.coerce.number(), 3600),
});

/** STS: who am I, and sessions of roles whose trust policy names the caller. */
export class Sts extends ActionTable {
  readonly name = 'sts';
  protected readonly actions = {
    GetCallerIdentity: (_input: unknown, caller: Caller) => {
      const { account: Account } = this.around.place;
      return { Account, Arn: this.#arnOf(caller), UserId: this.#userId(caller) };
    },
    AssumeRole: action(Assume, (input, caller) => this.#assume(input, caller)),
  };

  constructor(
    private readonly around: Surroundings,
    private readonly iam: Iam,
  ) {
    super();
  }

  #userId = (caller: Caller) => `${roleIdOf(caller.roleArn)}:${caller.sessionName}`;

  #arnOf(caller: Pick<Caller, 'kind' | 'roleName' | 'sessionName'>): string {
    if (caller.kind === 'admin') return arn(this.around.place, 'iam', 'root');
    return arn(this.around.place, 'sts', `assumed-role/${caller.roleName}/${caller.sessionName}`);
  }

  #assume(input: z.infer<typeof Assume>, caller: Caller) {
    const { RoleArn: roleArn, RoleSessionName: sessionName } = input;
    const { clock, credentials } = this.around;
    if (caller.kind !== 'admin' && !this.iam.trusts(roleArn, caller.roleArn)) {
      const message = `${caller.roleArn} is not authorized to perform: sts:AssumeRole on ${roleArn}`;
      throw new ServiceError('AccessDenied', message, 403);
    }
    const session = credentials.issue(sessionOf(roleArn, sessionName));
    const expiresMs = clock.now() + input.DurationSeconds * 1000;
    clock.schedule(expiresMs, () => credentials.withdraw(session.accessKeyId));
    const {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    } = session;
    const Expiration = new Date(expiresMs).toISOString();
    const user = { Arn: this.#arnOf(session.caller), AssumedRoleId: this.#userId(session.caller) };
    const keys = { AccessKeyId, SecretAccessKey, SessionToken, Expiration };
    return { AssumedRoleUser: user, Credentials: keys };
  }
}
