import type { Notice } from '../notice/notice';

/** Tells the outside what happened. Nothing depends on it: a run goes on whether or not anybody could be told. */
export interface Notices {
  /** Failures: StoreUnavailable (effect unknown), Internal. A notice may arrive more than once; its id stays the same. */
  send(notices: readonly Notice[]): Promise<void>;
}
