import { textOf } from './text';
import * as z from 'zod/mini';
import { canonical } from '../evidence/canonical';
import { sha256 } from './hash';

/**
 * An exported part of the ledger, as a folder that a third party verifies with nothing but the pinned origin and public
 * key. Every path is relative to the folder:
 *
 * - `leaves/<size before>`, `tile/<level>/<index>[.p/<width>]`, `checkpoint/<size>`: the sealed objects, byte for byte,
 *   all of them whatever the scope, so that every root can be worked out from all leaves;
 * - `witness/<size>`: countersignatures, where there are any;
 * - `records/<size before>.jsonl`: one line for each leaf of the leaf list of that number: the record's body, byte for
 *   byte as it was hashed, or an empty line where the record is outside the scope; no file when all are;
 * - `unsealed.jsonl`: records after the last checkpoint, one line each: {"chain","runId","seq","body","hash"};
 * - `manifest.json`: what this is, and the SHA-256 of every other file.
 */
export const bundlePaths = {
  manifest: 'manifest.json',
  unsealed: 'unsealed.jsonl',
  records: (from: number): string => `records/${String(from).padStart(12, '0')}.jsonl`,
} as const;

const scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ledger') }),
  z.strictObject({ kind: z.literal('period'), since: z.iso.datetime(), until: z.iso.datetime() }),
  z.strictObject({ kind: z.literal('run'), runId: z.string() }),
]);
/**
 * Whose records are there: all; those of every run with a record sealed in [since, until); those of one run. A run is
 * always there whole.
 */
export type Scope = z.infer<typeof scope>;

const manifest = z.strictObject({
  type: z.literal('gapless-bundle'),
  v: z.literal(1),
  /** For people: the verifier takes the origin from its caller alone. */
  origin: z.string(),
  scope,
  /** Size of the last checkpoint in it. */
  size: z.int().check(z.nonnegative()),
  madeAt: z.iso.datetime(),
  files: z.array(
    z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
  ),
});
export type Manifest = z.infer<typeof manifest>;
/** One file of a bundle, in its manifest. */
export type ManifestFile = Manifest['files'][number];

/** A file's line in the manifest. */
export function manifestFile(path: string, bytes: Uint8Array): ManifestFile {
  return { path, bytes: bytes.byteLength, sha256: sha256(bytes) };
}

/** The one text of a manifest. */
export function manifestText(given: Omit<Manifest, 'type' | 'v'>): string {
  return `${canonical({ ...given, type: 'gapless-bundle', v: 1 })}\n`;
}

/** Reads a manifest; undefined when it is none of version 1. */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    return manifest.parse(JSON.parse(textOf(bytes)));
  } catch {
    return undefined;
  }
}
