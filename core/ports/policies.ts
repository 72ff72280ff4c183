import type { PolicyDocument, PolicyEntry } from '../policy/document';

/** The compiled policies a deployment runs on. */
export interface Policies {
  document(): Promise<PolicyDocument>;
  /** The newest policy of an identity. Failures: UnknownIdentity (effect none). */
  of(identityId: string): Promise<PolicyEntry>;
}

/** Lists that are too long for a state: written once, read by a Distributed Map. */
export interface Lists {
  /** Create-only: a key names its list, so one that is there already is the same list. */
  write(key: string, items: readonly object[]): Promise<{ readonly bucket: string; readonly key: string }>;
  /** The text a list was written as; undefined when there is none under that key. */
  read(key: string): Promise<string | undefined>;
}
