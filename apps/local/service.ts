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
