/** What a cell can hold. Numbers are written as they are; text is made safe. */
export type Cell = string | number | null;

/** A column: its name, which never changes within a schema version, and what it holds of a row. */
export type Column<T> = readonly [name: string, of: (row: T) => Cell];

/** Raised when a column is renamed, removed or changes its meaning; a new column at the end does not raise it. */
export const CSV_SCHEMA_VERSION = 1;

// First characters that spreadsheets take for a formula, full-width forms too (OWASP, "CSV Injection").
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** A table as RFC 4180 has it: a header line, CRLF after every line, quotes where they are needed. */
export function csv<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const all: readonly Column<T>[] = [['schema_version', () => CSV_SCHEMA_VERSION], ...columns];
  const head = all.map(([name]) => name);
  const lines = [head, ...rows.map((row) => all.map(([, of]) => cell(of(row))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  // An apostrophe makes a spreadsheet take the rest for text.
  if (FORMULA.test(value)) return quoted(`'${value}`);
  return /[",\r\n]/.test(value) ? quoted(value) : value;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
