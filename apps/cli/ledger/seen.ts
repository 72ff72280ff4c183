import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { openCheckpoint, type Pinned } from '../../../core/ledger/checkpoint';
import type { Trusted } from '../../../core/ledger/verify-source';
import { Exit } from '../exit';

type Seen = Trusted['known'][number];

const result = z.object({
  verified: z.literal(true),
  origin: z.string(),
  size: z.int(),
  root: z.string(),
});

/**
 * Checkpoints that the caller saw before: what `evidence verify --json` wrote then, a signed checkpoint, or a folder with
 * `checkpoint/` in it, such as an older bundle. Whatever is signed has to be signed by the pinned key.
 * @throws Exit usage when it is none of them, or another ledger's
 */
export function seenIn(file: string, pinned: Pinned): readonly Seen[] {
  const there = fs.statSync(file, { throwIfNoEntry: false });
  if (there?.isDirectory()) {
    const folder = path.join(file, 'checkpoint');
    const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    if (names.length === 0) throw unusable(file, 'a folder without checkpoints');
    return names.map((name) => signed(path.join(folder, name), pinned));
  }
  if (!there?.isFile()) throw unusable(file, 'nothing that can be read');
  const told = result.safeParse(json(fs.readFileSync(file, 'utf8'))).data;
  if (!told) return [signed(file, pinned)];
  if (told.origin !== pinned.origin) throw unusable(file, `a result about ${told.origin}`);
  return told.size === 0 ? [] : [{ size: told.size, root: told.root }];
}

function signed(file: string, pinned: Pinned): Seen {
  const check = openCheckpoint(fs.readFileSync(file), pinned);
  if (check.state === 'invalid') throw unusable(file, check.found);
  const { size, root } = check.checkpoint;
  return { size, root };
}

function unusable(file: string, found: string): Exit {
  return new Exit(
    'usage',
    `--seen: got ${JSON.stringify(file)}, which is ${found}; want what "evidence verify --json" wrote when it verified, a checkpoint signed by the pinned key, or an older bundle of this ledger. Nothing was verified.`,
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
