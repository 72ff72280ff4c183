import type { PolicyDocument, PolicyEntry } from '../../core/policy/document';
import { entryOf } from '../../core/policy/lookup';
import type { Policies } from '../../core/ports/policies';

/** Compiled policies given as they are: for fast tests and benches. */
export class MemoryPolicies implements Policies {
  readonly #document: PolicyDocument;

  constructor(document: PolicyDocument) {
    this.#document = document;
  }

  async document(): Promise<PolicyDocument> {
    return this.#document;
  }

  async of(identityId: string): Promise<PolicyEntry> {
    return entryOf(this.#document, identityId);
  }
}
