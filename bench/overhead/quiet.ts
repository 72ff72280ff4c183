import { Console } from 'node:console';
import { createWriteStream } from 'node:fs';
import os from 'node:os';

/** Lets `work` print where nobody looks; printing keeps its cost, which is part of what is measured. */
export async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  const nowhere = createWriteStream(os.devNull);
  const quiet = new Console(nowhere);
  console.log = (...said: unknown[]) => quiet.log(...said);
  try {
    return await work();
  } finally {
    console.log = log;
    nowhere.end();
  }
}
