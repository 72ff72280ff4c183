import type { Call, Subject } from '../../core/call';
import type { LiveCredential } from '../../core/credential';
import type { Material } from '../../core/material';
import type { ClientTarget } from './target';
import type { ClientSecret } from './token';

/** What the issuer made: what it calls it, how a consumer shows itself with it, and fields the secret keeps beside. */
export interface Made {
  readonly remoteId: string;
  readonly client: ClientSecret;
  readonly fields: Readonly<Record<string, string>>;
}

/** How a strategy tells what it makes: whole clients, or secrets of one client. */
export interface Sight {
  remoteIdOf(material: Material): string | undefined;
  list(subject: Subject, target: ClientTarget, call: Call): Promise<readonly LiveCredential[]>;
}

/** How a strategy makes it anew and takes it away. */
export interface Way {
  make(subject: Subject, target: ClientTarget, current: Material, call: Call): Promise<Made>;
  /** Asks whose it is, right before it is touched; throws InvalidInput when it is another's. */
  whose(subject: Subject, target: ClientTarget, remoteId: string, call: Call): Promise<'own' | 'gone'>;
  remove(target: ClientTarget, remoteId: string, call: Call): Promise<'done' | 'alreadySo'>;
}
