import { jsonl } from '../../../core/export/jsonl';
import type { ExportedRun } from '../../../core/export/exported-run';
import { ocsfLines } from '../../../core/export/ocsf/events';
import { assessmentResults } from '../../../core/export/oscal/assessment-results';
import { periodsOf, type PeriodLength, type Span } from '../../../core/export/period';
import { recordsCsv } from '../../../core/export/record-rows';
import { runsCsv } from '../../../core/export/run-rows';
import { Exit } from '../exit';

/** What an export is written as. */
export type Format =
  | { readonly format: 'jsonl' }
  | { readonly format: 'csv'; readonly rows: 'runs' | 'records' }
  | { readonly format: 'oscal'; readonly period: PeriodLength }
  | { readonly format: 'ocsf' };

/** Flags as they were given. */
export interface FormatFlags {
  readonly format: string;
  readonly rows: string | undefined;
  readonly period: string | undefined;
}

/** What a document says of itself besides its runs. */
export interface Making {
  readonly span: Span;
  /** When it is made, ISO 8601. */
  readonly at: string;
  /** Version of Gapless. */
  readonly product: string;
}

/** Where OSCAL results say their plan lies: beside them. It is docs/oscal/assessment-plan.json. */
const PLAN = 'assessment-plan.json';

/** @throws Exit usage when a flag has another value than its allowed ones, or belongs to another format */
export function formatOf({ format, rows, period }: FormatFlags): Format {
  if (format !== 'csv' && rows !== undefined) throw foreign('--rows', 'csv', format);
  if (format !== 'oscal' && period !== undefined) throw foreign('--period', 'oscal', format);
  switch (format) {
    case 'jsonl':
    case 'ocsf':
      return { format };
    case 'csv':
      return { format, rows: oneOf('--rows', rows ?? 'records', ['runs', 'records']) };
    case 'oscal':
      return { format, period: oneOf('--period', period ?? 'whole', ['whole', 'month', 'quarter']) };
    default:
      throw notOneOf('--format', format, ['jsonl', 'csv', 'oscal', 'ocsf', 'bundle']);
  }
}

/** The export as text. */
export function written(format: Format, runs: readonly ExportedRun[], { span, at, product }: Making): string {
  switch (format.format) {
    case 'jsonl':
      return jsonl(runs);
    case 'csv':
      return format.rows === 'runs' ? runsCsv(runs) : recordsCsv(runs);
    case 'oscal': {
      const periods = periodsOf(runs, span, format.period);
      return `${JSON.stringify(assessmentResults(periods, { at, planHref: PLAN }), undefined, 2)}\n`;
    }
    case 'ocsf':
      return ocsfLines(runs, product);
    default:
      return format satisfies never;
  }
}

function oneOf<T extends string>(flag: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === given);
  if (found !== undefined) return found;
  throw notOneOf(flag, given, allowed);
}

function notOneOf(flag: string, given: string, allowed: readonly string[]): Exit {
  return new Exit(
    'usage',
    `${flag}: got ${JSON.stringify(given)}, want one of ${allowed.join(', ')}. Nothing was read.`,
  );
}

function foreign(flag: string, belongs: string, given: string): Exit {
  return new Exit(
    'usage',
    `${flag} belongs to --format ${belongs}; got --format ${JSON.stringify(given)}. Nothing was read.`,
  );
}
