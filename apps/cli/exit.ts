/** What the process ends with; frozen in docs/exit-codes.md. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  /** A credential is not in the state that was claimed for it. */
  notVerified: 3,
  /** Drift or a gap was found. */
  gapFound: 4,
  /** An approval is needed, or was refused. */
  notApproved: 5,
  /** A target did not answer, or what happened there is not known. */
  unreachable: 6,
  /** Evidence does not hold together. */
  evidenceBroken: 7,
  /** Ended by Ctrl-C: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export type ExitName = keyof typeof exitCodes;

/** An end that was foreseen. The message is for a person: what was given, what is allowed, what changed, what to do next. */
export class Exit extends Error {
  override readonly name = 'Exit';

  constructor(
    readonly why: ExitName,
    message: string,
  ) {
    super(message);
  }
}
