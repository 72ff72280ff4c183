import { Failure } from '../../core/failure';

/** What every part of a new connector fails with until it is written. */
export function unwritten(part: string): Failure {
  return new Failure('Internal', `${part} is not written yet. Nothing was changed`, 'none');
}
