import { Failure } from '../failure';
import type { PolicyDocument, PolicyEntry } from './document';

/**
 * One identity's policy.
 * @throws Failure UnknownIdentity when no policy names it (nothing was changed)
 */
export function entryOf(document: PolicyDocument, identityId: string): PolicyEntry {
  const entry = document.policies.find(({ policy }) => policy.id === identityId);
  if (entry) return entry;
  const message = `No policy is named ${JSON.stringify(identityId.slice(0, 80))} in revision ${document.revision}, which holds ${document.policies.length}. Nothing was changed. Add the policy and deploy, or correct the id; gapless plan lists them.`;
  throw new Failure('UnknownIdentity', message, 'none');
}
