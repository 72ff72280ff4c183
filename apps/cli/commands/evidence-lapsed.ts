import type { Lapse } from '../../../core/query/answers';
import { connect } from '../connection';
import { exitCodes } from '../exit';
import { table } from '../output/table';
import { Terminal, type Speech } from '../output/terminal';
import { openQuestions, type Questions } from '../query/questions';

const HEAD = ['identity', 'owner', 'every', 'last verified', 'why'];

/** Lists identities without a verified rotation in their policy's period. Reads only. */
export async function listLapsed({
  folder,
  speech,
}: {
  readonly folder: string;
  readonly speech: Speech;
}): Promise<number> {
  const questions = openQuestions(connect(folder, process.env));
  try {
    return await answerLapsed(new Terminal(speech), questions);
  } finally {
    questions.close();
  }
}

/** The answer, however it is reached. @returns the exit code */
export async function answerLapsed(
  terminal: Terminal,
  questions: Pick<Questions, 'lapsed'>,
): Promise<number> {
  const { at, identities, withoutRotation, lapsed } = await questions.lapsed();
  terminal.document({ at, identities, withoutRotation, lapsed });
  if (lapsed.length > 0) for (const line of table([HEAD, ...lapsed.map(cells)])) terminal.line(line);
  const within = identities - withoutRotation - lapsed.length;
  terminal.message(
    `Of ${identities} identities ${within} have a verified rotation in their period, ${lapsed.length} have none, ${withoutRotation} are not rotated by policy.${next(lapsed)}`,
  );
  return lapsed.length > 0 ? exitCodes.gapFound : exitCodes.ok;
}

function cells({ identityId, owner, every, lastVerifiedAt, why }: Lapse): readonly string[] {
  return [identityId, owner, every, lastVerifiedAt?.slice(0, 19) ?? 'never', why];
}

function next([first]: readonly Lapse[]): string {
  return first ? ` Next: npx gapless evidence list --identity ${first.identityId}` : '';
}
