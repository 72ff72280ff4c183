import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

/** How a command was asked to speak. */
export interface Speech {
  /** `json`: one document on stdout and nothing else there. */
  readonly format: 'text' | 'json';
  /** `quiet`: no messages; data and errors only. */
  readonly messages: 'shown' | 'quiet';
}

const styles = ['bold', 'dim', 'green', 'red', 'yellow'] as const;

/** Paints text, or leaves it as it is where colour is not wanted. */
export type Colours = Readonly<Record<(typeof styles)[number], (text: string) => string>>;

const plain: Colours = coloursBy(() => (text) => text);
// Whether a stream takes colour is decided by `colourful`.
const painted: Colours = coloursBy((style) => (text) => styleText(style, text, { validateStream: false }));

function coloursBy(paint: (style: (typeof styles)[number]) => (text: string) => string): Colours {
  const [bold, dim, green, red, yellow] = styles;
  return {
    bold: paint(bold),
    dim: paint(dim),
    green: paint(green),
    red: paint(red),
    yellow: paint(yellow),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Standard streams, as far as they are needed; tests give their own. */
export interface Streams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Whether a stream may be coloured: a terminal that says it can, and nobody who asked for none (no-color.org). */
export function colourful(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  if (stream.isTTY !== true || env['TERM'] === 'dumb') return false;
  return env['NO_COLOR'] === undefined || env['NO_COLOR'] === '';
}

/** The one place output goes through: data to stdout, messages to stderr. */
export class Terminal {
  readonly colours: Colours;
  /** Where lines about progress go: beside the data, or to stderr when stdout is for one document. */
  readonly #progress: Writable;
  readonly #live: 'yes' | 'no';
  #status = '';

  constructor(
    readonly speech: Speech,
    private readonly streams: Streams = process,
    env: Environment = process.env,
  ) {
    const shown = speech.format === 'json' ? streams.stderr : streams.stdout;
    this.#progress = shown;
    this.#live = colourful(shown, env) ? 'yes' : 'no';
    this.colours = colourful(shown, env) ? painted : plain;
  }

  /** Data for a person. Nothing when the answer is a document. */
  line(text = ''): void {
    if (this.speech.format === 'json') return;
    this.#clear();
    this.streams.stdout.write(`${text}\n`);
  }

  /** The answer as one document. Nothing when it was given as text. */
  document(value: object): void {
    if (this.speech.format === 'text') return;
    this.streams.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...value }, undefined, 2)}\n`);
  }

  /** Data for another program, byte for byte; it stands in place of text and of a document. */
  raw(data: string): void {
    this.#clear();
    this.streams.stdout.write(data);
  }

  /** A line about progress, kept on screen. */
  progress(text: string): void {
    if (this.speech.messages === 'quiet') return;
    this.#clear();
    this.#progress.write(`${text}\n`);
  }

  /** What is going on right now; replaced by whatever comes next, and shown on a live terminal only. */
  status(text: string): void {
    if (this.#live === 'no' || this.speech.messages === 'quiet') return;
    this.#clear();
    this.#status = text;
    this.#progress.write(this.colours.dim(text));
  }

  /** A message beside the data. */
  message(text: string): void {
    if (this.speech.messages === 'quiet') return;
    this.#clear();
    this.streams.stderr.write(`${text}\n`);
  }

  /** Why the command did not do what it was asked; shown however quiet it is. */
  error(text: string): void {
    this.#clear();
    this.streams.stderr.write(`gapless: ${text}\n`);
  }

  #clear(): void {
    if (this.#status === '') return;
    // Carriage return and "erase in line" (ECMA-48 EL).
    this.#progress.write('\r\u001B[2K');
    this.#status = '';
  }
}
