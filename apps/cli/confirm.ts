import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { Exit } from './exit';

/** Who can be asked: a person at a terminal, or nobody. */
export interface Asking {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/**
 * Whether somebody still has to confirm by typing the identity's id, or has done so with a flag.
 * @throws Exit usage when the flag names something else, or when it is missing and nobody can be asked
 */
export function confirmationOf(
  identityId: string,
  confirm: string | undefined,
  { input }: Pick<Asking, 'input'>,
): 'given' | 'ask' {
  if (confirm === identityId) return 'given';
  if (confirm !== undefined) throw notConfirmed('--confirm', confirm, identityId);
  if (input.isTTY === true) return 'ask';
  throw new Exit(
    'usage',
    `--confirm: is missing, and stdin is no terminal where it could be asked for; want --confirm=${identityId}. Nothing was changed.`,
  );
}

/** Asks a person to type the id. @throws Exit usage for anything else, interrupted on Ctrl-C */
export async function askToConfirm(
  identityId: string,
  question: string,
  { input, output }: Asking,
): Promise<void> {
  const lines = createInterface({ input, output, terminal: input.isTTY === true });
  const left = new Promise<never>((_, reject) => {
    const leave = () => reject(new Exit('interrupted', 'Not confirmed. Nothing was changed.'));
    lines.once('SIGINT', leave).once('close', leave);
  });
  try {
    const typed = await Promise.race([lines.question(question), left]);
    if (typed.trim() !== identityId) throw notConfirmed('confirmation', typed.trim(), identityId);
  } finally {
    left.catch(() => undefined);
    lines.close();
  }
}

function notConfirmed(field: string, given: string, identityId: string): Exit {
  return new Exit(
    'usage',
    `${field}: got ${JSON.stringify(given.slice(0, 80))}, want what is to be revoked, ${JSON.stringify(identityId)}. Nothing was changed.`,
  );
}
