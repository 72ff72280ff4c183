/** A secret as it could stand somewhere: plain, hex, URL-escaped, and base64 at each of the three offsets. */
export function encodings(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + secret).toString('base64');
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, Buffer.from(secret).toString('hex'), encodeURIComponent(secret), ...base64];
}
