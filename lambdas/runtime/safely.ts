import { Failure } from '../../core/failure';

/** The error as it may leave the process. */
export function safely(error: unknown, stage: string): Failure {
  if (error instanceof Failure) return stripped(error);
  const name = error instanceof Error ? error.name : typeof error;
  const where = error instanceof Error ? firstFrame(error) : '';
  const message = `Stage ${stage} failed in a way that is not foreseen (${name} ${where}). Whether anything changed is found out by probing. Report this with the run id.`;
  return stripped(new Failure('Internal', message, 'unknown'));
}

/** Where it was thrown. A message stands before the frames and may have lines that look like one, so it is cut off first. */
function firstFrame({ message, stack = '' }: Error): string {
  const from = stack.indexOf(message);
  const frames = from < 0 ? '' : stack.slice(from + message.length);
  return (/^ {4}(at .+)$/m.exec(frames)?.[1] ?? '').trim();
}

/** Lambda reports the stack; it adds nothing to a sentence and can name what the sentence leaves out. */
function stripped(failure: Failure): Failure {
  const bare = new Failure(failure.name, failure.message, failure.effect);
  bare.stack = `${bare.name}: ${bare.message}`;
  return bare;
}
