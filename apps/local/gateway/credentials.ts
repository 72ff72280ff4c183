import { randomBytes } from 'node:crypto';
import type { Caller } from '../service';

/** A key pair the gateway accepts, and whom it stands for. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Set for keys of a role session, as AWS does. */
  readonly sessionToken?: string;
  readonly caller: Caller;
  /** Ends the process that holds these keys; set for keys given to a function's worker. */
  readonly terminate: (() => void) | undefined;
}

/** Who keys are issued to. */
export type Principal = Omit<Caller, 'accessKeyId'>;

const keyId = (prefix: 'AKIA' | 'ASIA') => prefix + randomBytes(8).toString('hex').toUpperCase();

/** The only keys the gateway knows; every key lives as long as the engine or until it is withdrawn. */
export class Credentials {
  readonly #byId = new Map<string, Credential>();

  /** Issues a new key pair for a principal. */
  issue(principal: Principal, terminate?: () => void): Credential {
    const accessKeyId = keyId(principal.kind === 'admin' ? 'AKIA' : 'ASIA');
    const secretAccessKey = randomBytes(30).toString('base64url');
    const sessionToken = randomBytes(48).toString('base64url');
    const session = principal.kind === 'role' ? { sessionToken } : {};
    const caller = { ...principal, accessKeyId };
    const credential: Credential = { accessKeyId, secretAccessKey, ...session, caller, terminate };
    this.#byId.set(accessKeyId, credential);
    return credential;
  }

  /** The credential of a key id, if it was issued and not withdrawn. */
  find(accessKeyId: string): Credential | undefined {
    return this.#byId.get(accessKeyId);
  }

  /** Makes a key unusable from the next request on. */
  withdraw(accessKeyId: string): void {
    this.#byId.delete(accessKeyId);
  }
}
