import type { Subject } from './call';
import type { Pace, Traits } from './connector';

/** How fast this subject's target shows a change: its own figures where the kind reads them from the target. */
export function paceOf(descriptor: Traits, subject: Pick<Subject, 'target'>): Pace {
  return descriptor.paceOf?.(subject.target) ?? descriptor;
}
