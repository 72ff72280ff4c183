/** A process that uses an identity's credential and can be asked which version it is on (docs/consumers.md). */
export interface HttpConsumer {
  readonly id: string;
  /** Base URL as the policy gives it; the consumer paths are appended to it. */
  readonly url: string;
  /** Loopback and private addresses are allowed. Link-local and instance metadata addresses never are. */
  readonly allowPrivate?: boolean;
}

/** What a consumer said about itself. Counters run from the consumer's start. */
export interface ConsumerSeen {
  /** The vault's version id in use: while two are in use the older one; undefined before the first. */
  readonly versionId: string | undefined;
  /** Since when this version is the one in use, ISO 8601 by the consumer's clock. */
  readonly since?: string;
  readonly calls?: number;
  readonly failedCalls?: number;
  /** Longest time in milliseconds in which calls of one kind kept failing. */
  readonly longestFailureMs?: number;
}

/**
 * A consumer's answer to a reload. `accepted`: it will read the current version again. `alreadyOn`: it uses the
 * version named. `refused`: it will not reload now. None of them proves anything: observe the version afterwards.
 */
export type ReloadAnswer = 'accepted' | 'alreadyOn' | 'refused';

/** The consumers of an identity, told to reload and seen on a version. Both calls are safe to repeat. */
export interface ConsumerPort {
  /** Asks which version is in use. Failures have effect `none`; `TargetUnreachable` and `TargetThrottled` may pass. */
  observe(consumer: HttpConsumer, timeoutMs: number): Promise<ConsumerSeen>;
  /** Tells the consumer that this version is current. Failures say whether the call may have arrived. */
  reload(consumer: HttpConsumer, versionId: string, timeoutMs: number): Promise<ReloadAnswer>;
}
