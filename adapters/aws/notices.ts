import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod/mini';
import { Failure } from '../../core/failure';
import type { Notice } from '../../core/notice/notice';
import type { Notices } from '../../core/ports/notices';

/** Source of every event, as rules match on it. */
const SOURCE = 'gapless';

/** The most entries of one call (EventBridge API reference, PutEvents). */
const MOST = 10;

const answered = z.object({ FailedEntryCount: z.int() });
const failed = z.object({ name: z.string(), code: z.optional(z.string()) });

type Lent = 'credentials' | 'region' | 'sha256' | 'requestHandler' | 'streamCollector' | 'utf8Encoder';

/** What an SDK client that is there anyway signs and sends with; `endpoint` is where EventBridge answers. */
export interface BusAccess {
  readonly config: Pick<DynamoDBClient['config'], Lent>;
  readonly endpoint: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Events on the account's default bus, each with a CloudEvents envelope as its detail. What has to reach a person is
 * sent on from there by a rule. PutEvents is the one call needed, so it is signed and sent here, without a client.
 */
export class EventBridgeNotices implements Notices {
  readonly #access: BusAccess;

  constructor(access: BusAccess) {
    this.#access = access;
  }

  async send(notices: readonly Notice[]): Promise<void> {
    for (let from = 0; from < notices.length; from += MOST) await this.#put(notices.slice(from, from + MOST));
  }

  async #put(notices: readonly Notice[]): Promise<void> {
    const Entries = notices.map((notice) => ({
      Source: SOURCE,
      DetailType: notice.type,
      Time: Date.parse(notice.time) / 1_000,
      Detail: JSON.stringify(notice),
    }));
    const about = `${notices.length} notices of run ${notices[0]?.data.runId ?? ''}`;
    const status = await this.#call(JSON.stringify({ Entries })).catch(inShort);
    if (status === 'taken') return;
    const message = `events:PutEvents did not take ${about}: ${status}. Nothing of the run was changed by that. Check that this function reaches EventBridge and that its role may call it.`;
    throw new Failure('StoreUnavailable', message, 'unknown');
  }

  async #call(body: string): Promise<string> {
    const { config, endpoint, timeoutMs } = this.#access;
    const region = await config.region();
    const url = new URL(endpoint ?? `https://events.${region}.amazonaws.com`);
    const { credentials, sha256 } = config;
    const signer = new SignatureV4({ service: 'events', region, credentials, sha256 });
    const signed = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== '' && { port: Number(url.port) }),
      path: '/',
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSEvents.PutEvents',
      },
      body,
    });
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const send = () => config.requestHandler.handle(signed, { abortSignal });
    // A connection kept from before may be gone, as after a function was frozen. An event that was taken all the same
    // comes twice, under one CloudEvents id.
    const { response } = await send().catch(send);
    const text = config.utf8Encoder(await config.streamCollector(response.body));
    if (response.statusCode !== 200) return `HTTP ${response.statusCode}`;
    const { FailedEntryCount: refused } = answered.parse(JSON.parse(text));
    return refused === 0 ? 'taken' : `${refused} were turned away`;
  }
}

function inShort(error: unknown): string {
  const { name, code } = failed.safeParse(error).data ?? { name: 'no answer' };
  return name === 'AbortError' ? 'no answer in time' : (code ?? name);
}
