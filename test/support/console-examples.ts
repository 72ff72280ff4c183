import { readFileSync } from 'node:fs';

/** A command of a documentation page, and what the page says it prints: stdout, then stderr, then `exit <code>` if not 0. */
export interface ConsoleExample {
  readonly args: readonly string[];
  readonly prints: readonly string[];
  readonly code: number;
}

/** The examples of a page's `console` blocks, in order. `$` begins a command, and `…` stands for any text. */
export function consoleExamples(page: string): readonly ConsoleExample[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```console\n([\s\S]*?)```/g)];
  return blocks
    .flatMap(([, block = '']) => block.split(/^\$ npx gapless /m).slice(1))
    .map((text) => {
      const [command = '', ...lines] = text.trimEnd().split('\n');
      const exit = /^exit (\d+)$/.exec(lines.at(-1) ?? '');
      const args = [...command.matchAll(/"([^"]*)"|<[^>]+>|\S+/g)].map(([word, quoted]) => quoted ?? word);
      return { args, prints: exit ? lines.slice(0, -1) : lines, code: Number(exit?.[1] ?? 0) };
    });
}

/** Whether a line is as the page has it. */
export function printed(line: string, expected: string): boolean {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(line);
}
