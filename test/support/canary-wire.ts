import type { Answer, PinnedRequest, Resolve, sendPinned } from '../../net/pinned-request';

/** What stands between the product and the targets it asks over HTTP, in a test that replaces `sendPinned` by `overWire`. */
export const wire = {
  /** Told of every request and what came back. */
  hear: (_request: PinnedRequest, _answer: Answer): void => undefined,
  /** Whether the far side now answers nothing but an error that quotes the whole request. */
  far: 'sound' as 'sound' | 'quoting',
};

/** Sends a request, or has it answered by an error that quotes it: as servers do that explain what they did not like. */
export async function overWire(
  send: typeof sendPinned,
  request: PinnedRequest,
  resolve: Resolve,
): Promise<Answer> {
  const answer = wire.far === 'quoting' ? quoting(request) : await send(request, resolve);
  wire.hear(request, answer);
  return answer;
}

let answered = 0;

/** In turn an error of the client's kind, which is final, and one of the server's kind, which is worth a repetition. */
function quoting({ url, method, headers = {}, body, form }: PinnedRequest): Answer {
  answered += 1;
  const said = JSON.stringify({ url: url.href, method, headers, body, form });
  const isXml = 'x-amz-date' in headers && !('x-amz-target' in headers);
  const xml = `<ErrorResponse><Error><Code>Odd</Code><Message>${said.replaceAll('<', '&lt;')}</Message></Error></ErrorResponse>`;
  const json = JSON.stringify({
    error: 'odd',
    error_description: said,
    message: said,
    detail: said,
    status: said,
  });
  return { status: answered % 2 === 0 ? 400 : 503, body: isXml ? xml : json, headers: {} };
}
