import type { Connection } from './connection';

const ANSWER_WITHIN_MS = 5_000;

/**
 * Where a deployment answers, and what time it is there in epoch ms, by its Date header (RFC 9110, 6.6.1: to the
 * second). A local engine's time may have been moved forward, so this machine's clock does not tell.
 * @throws Error when nothing answers there, or something that is no AWS endpoint
 */
export async function serverTime({
  client,
}: Pick<Connection, 'client'>): Promise<{ readonly url: string; readonly at: number }> {
  const region = client.region ?? process.env['AWS_REGION'] ?? 'us-east-1';
  const url = client.endpoint ?? `https://dynamodb.${region}.amazonaws.com`;
  const { headers } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  const at = Date.parse(headers.get('date') ?? '');
  if (!Number.isNaN(at)) return { url, at };
  throw new Error(`${url} answers without a Date, so it is no AWS endpoint. See what listens there.`);
}
