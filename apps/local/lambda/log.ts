import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock';

/** One line the engine or a function wrote. */
export interface LogLine {
  readonly at: string;
  /** A function's name, or `engine`. */
  readonly source: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Everything functions print: kept in memory, appended to `log.ndjson` in the data folder, told to a listener. */
export class LogSink {
  readonly lines: LogLine[] = [];
  readonly #file: string;

  constructor(
    dataDir: string,
    private readonly clock: Clock,
    private readonly listener: (line: LogLine) => void,
  ) {
    this.#file = join(dataDir, 'log.ndjson');
  }

  /** Adds text; every line of it becomes one entry. */
  write(source: string, stream: LogLine['stream'], text: string): void {
    const at = new Date(this.clock.now()).toISOString();
    for (const line of text.split('\n')) {
      if (line.length === 0) continue;
      const entry = { at, source, stream, text: line };
      this.lines.push(entry);
      appendFileSync(this.#file, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
      this.listener(entry);
    }
  }
}
