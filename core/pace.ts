import type { Subject } from './call';
import type { Descriptor, Pace } from './connector';

/** How fast this subject's target shows a change: its own figures where the kind reads them from the target. */
export function paceOf(descriptor: Descriptor, subject: Pick<Subject, 'target'>): Pace {
  return descriptor.paceOf?.(subject.target) ?? descriptor;
}
