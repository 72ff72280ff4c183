import type { CountedSessions, RevocationFacts, ToldCredential } from '../watch/revocation';
import { roughSeconds } from './durations';
import type { Terminal } from './terminal';

type Painter = Pick<Terminal, 'colours'>;

/** What a stage did to each credential, one line each; none for stages that have nothing to say of them. */
export function credentialLines(
  { colours }: Painter,
  stage: string,
  { credentials }: Pick<RevocationFacts, 'credentials'>,
): readonly string[] {
  switch (stage) {
    case 'Contain':
      return credentials.map(
        (each) => `      ${named(each)}  ${colours.dim(`unusable, ${sessionText(each.sessions)}`)}`,
      );
    case 'ProveRefused':
      return credentials.map((each) => `      ${named(each)}  ${proofText({ colours }, each)}`);
    case 'Remove':
      return credentials
        .filter(({ left }) => left !== null)
        .map((each) => `      ${named(each)}  ${colours.yellow(`a removal stays owed: ${each.left}`)}`);
    default:
      return [];
  }
}

/** The clock of a revocation that has ended, one time a line, and how it stands against its deadline. */
export function clockLines({ colours }: Painter, facts: RevocationFacts): readonly string[] {
  const times: readonly (readonly [string, string | null])[] = [
    ['requested', facts.requestedAt],
    ['contained', facts.containedAt],
    ['last accepted', facts.lastAcceptedAt],
    ['first stable refusal', facts.firstRefusedAt],
    ['sessions zero', facts.sessionsZeroAt],
  ];
  const clock = times.map(
    ([name, at]) => `  ${name.padEnd(22)}${at === null ? colours.dim('-') : timeText(at, facts.requestedAt)}`,
  );
  return [
    ...clock,
    `  ${'sessions'.padEnd(22)}${countText(facts.sessions)}`,
    deadlineLine({ colours }, facts),
  ];
}

function deadlineLine({ colours }: Painter, { deadline }: RevocationFacts): string {
  const { withinSeconds, tookSeconds, kept } = deadline;
  const used = tookSeconds === null ? 'not proven yet' : `${roughSeconds(tookSeconds)} used`;
  const paint = kept === true ? colours.green : kept === false ? colours.red : colours.yellow;
  const verdict = kept === true ? 'kept' : kept === false ? 'broken' : 'open';
  return `  ${'deadline'.padEnd(22)}${usedOf(withinSeconds, used)}: ${paint(verdict)}`;
}

/** `deadline 5 m, 1.2 s used`, for a run that is under way. */
export function runningClock(withinSeconds: number, usedSeconds: number): string {
  const over = usedSeconds > withinSeconds ? ', passed' : '';
  return `deadline ${usedOf(withinSeconds, `${roughSeconds(usedSeconds)} used${over}`)}`;
}

function usedOf(withinSeconds: number | null, used: string): string {
  return withinSeconds === null ? used : `${roughSeconds(withinSeconds)}, ${used}`;
}

function timeText(at: string, from: string | null): string {
  const since =
    from === null || from === at ? '' : `  +${roughSeconds((Date.parse(at) - Date.parse(from)) / 1_000)}`;
  return `${at.slice(11, 23)}${since}`;
}

/** Version ids are long; their beginning tells them apart, and evidence has them in full. */
function named({ versionId, remoteId }: ToldCredential): string {
  const version = versionId.startsWith('listed:') ? 'found there' : `version ${versionId.slice(0, 8)}`;
  return remoteId === null ? version : `${remoteId} (${version})`;
}

function proofText({ colours }: Painter, { finding, answer, facts, cause }: ToldCredential): string {
  if (finding === null) return colours.yellow('not presented');
  const paint = { proven: colours.green, disproven: colours.red, inconclusive: colours.yellow }[finding];
  const claim = finding === 'proven' && answer === 'contained' ? 'inactive, nobody can present it' : finding;
  const said = finding === 'proven' && answer === 'refused' ? 'refused' : claim;
  return [paint(said), colours.dim(facts), cause === null ? '' : paint(cause)].filter(Boolean).join('  ');
}

function sessionText({ before }: CountedSessions): string {
  return before === null ? 'sessions not counted' : `${before} sessions ended`;
}

function countText({ before, after }: CountedSessions): string {
  return `${before ?? '?'} → ${after ?? '?'}`;
}
