/** The proof ladder of docs/architecture: what is known after a credential was to be refused. */
export type Level = 'L0' | 'L1' | 'L2' | 'L3' | 'L4';

/** What one run proved about one credential. */
export interface Proven {
  /** The target's control plane took the change. */
  readonly changed: boolean;
  /** Read back from the control plane: absent, inactive or revoked. */
  readonly readBack: boolean;
  /** Judged refused by live probes with both controls, and the replacement accepted on the same paths. */
  readonly refused: boolean;
  /** `zero`: counted down to none; `none`: the kind has no sessions; `bounded`: denied or past their last expiry. */
  readonly sessions: 'zero' | 'none' | 'bounded' | 'remain' | 'unknown';
  /** Every listed consumer seen on the new version, or there is none to see. */
  readonly consumers: 'moved' | 'notListed' | 'behind' | 'unknown';
}

/**
 * The level one credential reached (architecture section 2). A rotation without listed consumers can reach L4: there
 * is nobody left to see, and the record says `notListed`.
 */
export function levelOf(proven: Proven): Level {
  if (!proven.refused) return proven.readBack ? 'L2' : proven.changed ? 'L1' : 'L0';
  const sessionsEnded =
    proven.sessions === 'zero' || proven.sessions === 'none' || proven.sessions === 'bounded';
  const consumersMoved = proven.consumers === 'moved' || proven.consumers === 'notListed';
  return sessionsEnded && consumersMoved ? 'L4' : 'L3';
}

/** A run's level: the lowest over the credentials it was about; L0 when it was about none. */
export function lowest(levels: readonly Level[]): Level {
  return levels.reduce<Level>((low, level) => (level < low ? level : low), levels[0] ?? 'L0');
}
