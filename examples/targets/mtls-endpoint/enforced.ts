import { randomBytes, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { serialsOn } from './revoked';

/** A pair the endpoint shows to its clients, PEM. */
export interface ServerPair {
  readonly certificate: string;
  readonly key: string;
}

/** One change of what is enforced, as the admin API takes it. */
export interface Change {
  readonly owner: string;
  readonly fence: number;
  readonly revision: number;
  readonly trust: string;
  readonly crl: string;
  readonly register?: { readonly serial: string; readonly run: string } | undefined;
  readonly forget?: string | undefined;
  readonly server?: ServerPair | undefined;
}

interface Registered {
  readonly owner: string;
  readonly run?: string;
}

/** What the endpoint enforces: whom it trusts, which certificates are registered, which are revoked. */
export class Enforced {
  readonly certificates = new Map<string, Registered>();
  readonly #fences = new Map<string, number>();
  revision = 1;
  /** The revision that workers use. */
  enforced = 1;
  crl = '';
  ticketsSince = new Date();
  enforcedSince = this.ticketsSince;
  /** Counts the times that workers took a new list; a handshake that began before the latest is not let through. */
  generation = 1;
  /** Serials of the list that workers use. */
  revoked: ReadonlySet<string> = new Set();
  #ticketKeys = randomBytes(48);

  constructor(
    private trust: string,
    private server: ServerPair,
    private readonly use: (options: SecureContextOptions) => void,
    /** How long workers take to use a new list, and whether tickets from before it still count; for tests. */
    readonly knobs: { reloadDelayMs: number; tickets: 'changed' | 'kept' },
  ) {}

  get serving(): string {
    return new X509Certificate(this.server.certificate).fingerprint256;
  }

  /** What TLS is to work with now. */
  options(): SecureContextOptions & { readonly ticketKeys: Buffer } {
    return {
      cert: this.server.certificate,
      key: this.server.key,
      ca: this.trust,
      ...(this.crl !== '' && { crl: this.crl }),
      ticketKeys: this.#ticketKeys,
      minVersion: 'TLSv1.2',
    };
  }

  /** All of a change or nothing: `invalid` when TLS cannot work with it. */
  change(asked: Change): 'changed' | 'revision' | 'fence' | 'invalid' {
    if (asked.fence < (this.#fences.get(asked.owner) ?? 0)) return 'fence';
    if (asked.revision !== this.revision) return 'revision';
    const server = asked.server ?? this.server;
    try {
      createSecureContext({ cert: server.certificate, key: server.key, ca: asked.trust, crl: asked.crl });
    } catch {
      return 'invalid';
    }
    this.#fences.set(asked.owner, asked.fence);
    this.revision += 1;
    [this.trust, this.crl, this.server] = [asked.trust, asked.crl, server];
    if (asked.register)
      this.certificates.set(asked.register.serial, { owner: asked.owner, run: asked.register.run });
    if (asked.forget !== undefined) this.certificates.delete(asked.forget);
    if (this.knobs.reloadDelayMs === 0) this.reload();
    else setTimeout(() => this.reload(), this.knobs.reloadDelayMs);
    return 'changed';
  }

  /** Workers take what was changed. Tickets end with it: who resumes a session shows no certificate again. */
  reload(): void {
    this.generation += 1;
    this.enforcedSince = new Date();
    this.enforced = this.revision;
    if (this.knobs.tickets === 'changed') {
      this.#ticketKeys = randomBytes(48);
      this.ticketsSince = this.enforcedSince;
    }
    this.revoked = serialsOn(this.crl);
    this.use(this.options());
  }
}
