import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { Failure } from '../../core/failure';
import type { Notice } from '../../core/notice/notice';
import type { Notices } from '../../core/ports/notices';
import { storeFailure } from './sdk-failure';

/** Source of every event, as rules match on it. */
const SOURCE = 'gapless';

/** The most entries of one call (EventBridge API reference, PutEvents). */
const MOST = 10;

/**
 * Events on the account's default bus, each with a CloudEvents envelope as its detail. What has to reach a person is
 * sent on from there by a rule.
 */
export class EventBridgeNotices implements Notices {
  readonly #client: EventBridgeClient;

  constructor(client: EventBridgeClient) {
    this.#client = client;
  }

  async send(notices: readonly Notice[]): Promise<void> {
    for (let from = 0; from < notices.length; from += MOST) await this.#put(notices.slice(from, from + MOST));
  }

  async #put(notices: readonly Notice[]): Promise<void> {
    const Entries = notices.map((notice) => ({
      Source: SOURCE,
      DetailType: notice.type,
      Time: new Date(notice.time),
      Detail: JSON.stringify(notice),
    }));
    const about = `${notices.length} notices of run ${notices[0]?.data.runId ?? ''}`;
    try {
      const { FailedEntryCount: failed = 0 } = await this.#client.send(new PutEventsCommand({ Entries }));
      if (failed === 0) return;
    } catch (error) {
      throw storeFailure(error, { action: 'events:PutEvents', about, access: 'write' });
    }
    const message = `events:PutEvents took only some of ${about}. Nothing of the run was changed by that.`;
    throw new Failure('StoreUnavailable', message, 'unknown');
  }
}
