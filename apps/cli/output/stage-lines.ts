import type { Proof } from '../watch/proof';
import type { Stage } from '../watch/stages';
import { shortMs } from './durations';
import type { Terminal } from './terminal';

const NAME_WIDTH = 14;
const TIME_WIDTH = 9;

/** The line of a stage that ended: mark, name, time, verdict, facts. */
export function stageLine({ colours }: Terminal, stage: Stage, proof: Proof | undefined): string {
  const mark = stage.state === 'failed' ? colours.red('✗') : colours.green('✓');
  const head = `  ${mark} ${stage.name.padEnd(NAME_WIDTH)} ${shortMs(stage.ms).padStart(TIME_WIDTH)}`;
  const told = proof === undefined ? [] : [proofText({ colours }, proof)];
  const failure = stage.state === 'failed' && proof?.cause == null ? stage.failures.at(-1) : undefined;
  const why = failure === undefined ? [] : [failureText(failure)];
  return [head, ...told, ...why].join('  ').trimEnd();
}

/** The line of an attempt that failed and is tried again. */
export function retryLine({ colours }: Terminal, stage: Stage): string {
  const failure = stage.failures.at(-1);
  const text = failure === undefined ? '' : failureText(failure);
  return `  ${colours.yellow('…')} ${stage.name.padEnd(NAME_WIDTH)} ${'retrying'.padStart(TIME_WIDTH)}  ${text}`;
}

/** The line of a run that waits for another person. */
export function waitsLine({ colours }: Terminal, approvalId: string): string {
  const how = `npx gapless approvals ${approvalId}`;
  return `  ${colours.yellow('…')} ${'Approve'.padEnd(NAME_WIDTH)} ${'waiting'.padStart(TIME_WIDTH)}  for another person, 15 minutes at most: ${how}`;
}

function proofText(
  { colours }: Pick<Terminal, 'colours'>,
  { verdict, finding, facts, cause }: Proof,
): string {
  const paint = { proven: colours.green, disproven: colours.red, inconclusive: colours.yellow }[finding];
  const claim = finding === 'proven' ? verdict : finding === 'disproven' ? 'not proven' : 'inconclusive';
  return `${paint(claim)}  ${colours.dim(facts)}${cause === null ? '' : `\n      ${paint(cause)}`}`;
}

function failureText({ error, cause }: Stage['failures'][number]): string {
  return `${error}${cause === '' ? '' : `: ${cause}`}`;
}
