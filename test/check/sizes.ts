import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Longest file of each kind, in lines. Services of the embedded engine mirror one AWS service each. */
const limits = { source: 300, test: 400, service: 400 } as const;
type Kind = keyof typeof limits;

/** Lines of code of the whole embedded engine. */
const ENGINE_LINES = 4_500;

interface Sized {
  readonly file: string;
  readonly kind: Kind;
  readonly lines: number;
}

export interface Sizes {
  /** What a reviewer wants to know, one line each. */
  readonly report: readonly string[];
  readonly tooLong: readonly string[];
}

/** Measures every TypeScript file git knows or would add; generated ones do not count. */
export function sizes(root: string): Sizes {
  const files = measured(root);
  const report = (['source', 'test', 'service'] as const).map((kind) => summary(kind, files));
  const tooLong = files
    .filter(({ kind, lines }) => lines > limits[kind])
    .map(({ file, kind, lines }) => `${file} has ${lines} lines; a ${kind} file has at most ${limits[kind]}`);
  return { report: [...report, engine(root)], tooLong };
}

function measured(root: string): readonly Sized[] {
  return listed(root, ['*.ts'])
    .filter((file) => !/generated|\.d\.ts$/.test(file))
    .map((file) => ({
      file,
      kind: kindOf(file),
      lines: readFileSync(path.join(root, file), 'utf8').split('\n').length - 1,
    }));
}

function listed(root: string, patterns: readonly string[]): readonly string[] {
  const answer = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns],
    { cwd: root, encoding: 'utf8' },
  );
  return answer.split('\n').filter((file) => file !== '' && existsSync(path.join(root, file)));
}

function kindOf(file: string): Kind {
  if (file.startsWith('test/') || file.startsWith('bench/')) return 'test';
  return file.startsWith('apps/local/services/') ? 'service' : 'source';
}

function summary(kind: Kind, files: readonly Sized[]): string {
  const lines = files
    .filter((file) => file.kind === kind)
    .map((file) => file.lines)
    .toSorted((a, b) => a - b);
  const at = (share: number): number =>
    lines[Math.min(lines.length - 1, Math.floor(lines.length * share))] ?? 0;
  return `${kind}: ${lines.length} files, median ${at(0.5)}, p90 ${at(0.9)}, longest ${at(1)} lines (limit ${limits[kind]})`;
}

/** Files of apps/local that are no part of the engine: the demo's scene and the real servers it runs against. */
const BESIDE_ENGINE = /^apps\/local\/(demo|target)\//;

function engine(root: string): string {
  const lines = listed(root, ['apps/local/*.ts', 'apps/local/*.js'])
    .filter((file) => !BESIDE_ENGINE.test(file))
    .reduce((sum, file) => sum + codeLines(readFileSync(path.join(root, file), 'utf8')), 0);
  return `engine: ${lines} lines of code in apps/local without demo/ and target/, blank lines and comments (goal ${ENGINE_LINES})`;
}

function codeLines(text: string): number {
  const withoutBlocks = text.replace(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '');
  return withoutBlocks.split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line)).length;
}
