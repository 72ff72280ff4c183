/** UTF-8 bytes as text, without a copy of the bytes on the way. */
export function textOf(bytes: Uint8Array): string {
  return viewOf(bytes).toString('utf8');
}

// A text beyond 128 KiB is an object of its own to V8, on pages that nothing used before; a shorter one is made where
// the last one died, in a quarter of the time.
const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 10;

/** The lines of UTF-8 bytes, some at a time and in order, so that they need not all be there at once. */
export function* lineBlocks(bytes: Uint8Array): Generator<readonly string[]> {
  const all = viewOf(bytes);
  for (let from = 0; from < all.byteLength;) {
    const end = endOfBlock(all, from);
    yield all.toString('utf8', from, end).split('\n');
    from = end + 1;
  }
}

/** Where the last line ends that is whole within a block; where the only one ends that is longer than a block. */
function endOfBlock(all: Buffer, from: number): number {
  const most = from + BLOCK_BYTES;
  if (most >= all.byteLength) return endsInLineFeed(all) ? all.byteLength - 1 : all.byteLength;
  const last = all.lastIndexOf(LINE_FEED, most);
  if (last >= from) return last;
  const next = all.indexOf(LINE_FEED, most);
  return next === -1 ? all.byteLength : next;
}

/** Every line of UTF-8 bytes; a line feed at the end begins no other. */
export function linesOf(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (const block of lineBlocks(bytes)) lines.push(...block);
  return lines;
}

/** Whether the last line of UTF-8 bytes is ended like the others. */
export function endsInLineFeed(bytes: Uint8Array): boolean {
  return bytes.at(-1) === LINE_FEED;
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
