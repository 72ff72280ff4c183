import type { Notice } from '../../core/notice/notice';
import type { Notices } from '../../core/ports/notices';

/** Notices in this process, in the order they were sent: for fast tests and benches. */
export class MemoryNotices implements Notices {
  readonly sent: Notice[] = [];

  async send(notices: readonly Notice[]): Promise<void> {
    this.sent.push(...notices);
  }
}
