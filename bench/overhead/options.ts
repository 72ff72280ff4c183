import { parseArgs } from 'node:util';
import { FEWEST_PAIRS } from './report';

const everyStore = ['memory', 'engine'] as const;

/** What a bench of pairs was asked for. */
export interface PairOptions {
  readonly pairs: number;
  readonly stores: readonly (typeof everyStore)[number][];
  readonly format: 'json' | 'text';
}

/**
 * Reads `--pairs`, `--store` and `--json`.
 * @throws Error naming the option, what was given and what is allowed
 */
export function pairOptions(): PairOptions {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: String(FEWEST_PAIRS) },
      store: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1)
    throw new Error(`--pairs: got ${values.pairs}, want a whole number from 1 (${FEWEST_PAIRS} for a ratio)`);
  const stores = everyStore.filter((store) => values.store === undefined || values.store === store);
  if (stores.length === 0)
    throw new Error(`--store: got ${values.store ?? 'nothing'}, want memory or engine`);
  return { pairs, stores, format: values.json ? 'json' : 'text' };
}
