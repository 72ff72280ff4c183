import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A place that secrets must not show up in, as text. */
export interface Sink {
  readonly name: string;
  readonly text: string;
}

/** A secret as it could stand somewhere: plain, hex, base64 at each of the three offsets, and escaped for URLs and JSON. */
export function formsOf(secret: string): readonly string[] {
  const hex = Buffer.from(secret).toString('hex');
  const base64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + secret).toString('base64');
    // The characters at the ends depend on what stands beside the secret.
    const inner = text.slice(offset === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const json = JSON.stringify(secret).slice(1, -1);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  return [
    ...new Set([
      secret,
      hex,
      hex.toUpperCase(),
      ...base64,
      encodeURIComponent(secret),
      form,
      json,
      JSON.stringify(json).slice(1, -1),
    ]),
  ];
}

/** Every sink that holds a form of a secret, without quoting it. */
export function leaks(sinks: readonly Sink[], secrets: ReadonlyMap<string, string>): readonly string[] {
  const found: string[] = [];
  for (const [what, secret] of secrets) {
    const forms = formsOf(secret);
    for (const { name, text } of sinks) {
      const form = forms.findIndex((each) => text.includes(each));
      if (form >= 0) found.push(`${what} is in ${name} (form ${form})`);
    }
  }
  return found;
}

/** Every file below a folder but those under `except`, byte by byte. */
export function filesOf(folder: string, except: readonly string[] = []): readonly Sink[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !except.includes(path.relative(folder, file).split(path.sep)[0] ?? ''))
    .map((file) => ({ name: path.relative(folder, file), text: readFileSync(file, 'latin1') }));
}
