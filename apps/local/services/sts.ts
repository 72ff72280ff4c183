import * as z from 'zod/mini';
import type { Iam } from '../iam/iam';
import { action, ActionTable, identityOf, ServiceError, sessionOf, type Caller } from '../service';
import type { Surroundings } from '../surroundings';

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
      const { userId: UserId, userArn: Arn } = identityOf(this.around.place, caller);
      return { Account: this.around.place.account, Arn, UserId };
    },
    AssumeRole: action(Assume, (input, caller) => this.#assume(input, caller)),
  };

  constructor(
    private readonly around: Surroundings,
    private readonly iam: Iam,
  ) {
    super();
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
    const { userId: AssumedRoleId, userArn: Arn } = identityOf(this.around.place, session.caller);
    const {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    } = session;
    const Expiration = new Date(expiresMs).toISOString();
    const keys = { AccessKeyId, SecretAccessKey, SessionToken, Expiration };
    return { AssumedRoleUser: { Arn, AssumedRoleId }, Credentials: keys };
  }
}
