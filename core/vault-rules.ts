import { Failure } from './failure';
import { Material } from './material';
import type { Labels } from './ports/vault';

/** The secret is not there, or is marked for deletion. */
export function secretMissing(secret: string): Failure {
  const message = `Secret ${secret} does not exist, has no such version, or is marked for deletion. Nothing was changed. Create or restore it, tag it gapless:use, and repeat.`;
  return new Failure('SecretMissing', message, 'none');
}

/** Rights go by tag, so a secret that is not there, or not tagged for this use, is denied and not said to be missing. */
export function secretDenied(secret: string, action: string): Failure {
  const message = `${action} on secret ${secret} was denied: it does not exist, does not carry the tag gapless:use that this function's role asks for, or the role lacks the right. Nothing was changed. Create or tag it, and repeat.`;
  return new Failure('SecretMissing', message, 'none');
}

/** A pending version of that id holds other material: somebody else wrote it, and what it holds is unknown. */
export function otherPending(secret: string, versionId: string): Failure {
  const message = `Secret ${secret} has a version ${versionId} that holds other material. Nothing was changed. Find out who wrote it, take AWSPENDING off it, then rotate again.`;
  return new Failure('PendingConflict', message, 'none');
}

/**
 * Reads vault text.
 * @throws Failure InvalidInput, which never quotes the text
 */
export function materialOf(secret: string, text: string | undefined): Material {
  const material = text === undefined ? undefined : Material.fromVaultText(text);
  if (material) return material;
  const message = `Secret ${secret} holds no JSON object of text fields; that is the only form allowed. Nothing was changed. Store it as JSON, such as {"username": "...", "password": "..."}.`;
  throw new Failure('InvalidInput', message, 'none');
}

/**
 * Whether AWSCURRENT still has to move.
 * @throws Failure PendingConflict when it is on neither version: somebody else moved it (nothing was changed)
 */
export function promotion(secret: string, labels: Labels, to: string, from: string): 'done' | 'needed' {
  if (labels.current === to) return 'done';
  if (labels.current === from) return 'needed';
  const message = `AWSCURRENT of secret ${secret} was to move from ${from} to ${to}; it is on ${labels.current ?? 'no version'}. Nothing was changed. Find out who moved it, then rotate again.`;
  throw new Failure('PendingConflict', message, 'none');
}
