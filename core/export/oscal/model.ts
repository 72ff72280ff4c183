import { oneLine } from '../one-line';

/** OSCAL 1.2 assessment layer, as far as it is written here (pages.nist.gov/OSCAL-Reference/models/v1.2.1). */

/** The lowest release of OSCAL 1.2 whose schema these documents were checked with. */
export const OSCAL_VERSION = '1.2.1';

/** Namespace of our own properties. */
export const NS = 'urn:gapless:oscal';

export interface Prop {
  readonly name: string;
  readonly ns: string;
  readonly value: string;
}

export interface Metadata {
  readonly title: string;
  readonly 'last-modified': string;
  readonly version: string;
  readonly 'oscal-version': string;
}

export interface ControlSelection {
  readonly description: string;
  readonly props: readonly Prop[];
  readonly 'include-controls': readonly { readonly 'control-id': string }[];
}

export interface ReviewedControls {
  readonly description: string;
  readonly 'control-selections': readonly ControlSelection[];
}

export interface Observation {
  readonly uuid: string;
  readonly title: string;
  readonly description: string;
  readonly props: readonly Prop[];
  readonly methods: readonly ('TEST' | 'EXAMINE')[];
  readonly types: readonly ['control-objective'];
  readonly subjects?: readonly { readonly 'subject-uuid': string; readonly type: 'component' }[];
  readonly 'relevant-evidence'?: readonly {
    readonly href: string;
    readonly description: string;
    readonly props: readonly Prop[];
  }[];
  readonly collected: string;
}

export interface Finding {
  readonly uuid: string;
  readonly title: string;
  readonly description: string;
  readonly props: readonly Prop[];
  readonly target: {
    readonly type: 'objective-id' | 'statement-id';
    readonly 'target-id': string;
    readonly status: { readonly state: 'satisfied' | 'not-satisfied'; readonly reason: 'pass' | 'fail' };
  };
  readonly 'related-observations': readonly { readonly 'observation-uuid': string }[];
}

export interface Component {
  readonly uuid: string;
  readonly type: 'service';
  readonly title: string;
  readonly description: string;
  readonly status: { readonly state: 'operational' };
}

export interface Result {
  readonly uuid: string;
  readonly title: string;
  readonly description: string;
  readonly start: string;
  readonly end: string;
  readonly 'local-definitions'?: { readonly components: readonly Component[] };
  readonly 'reviewed-controls': ReviewedControls;
  readonly observations?: readonly Observation[];
  readonly findings?: readonly Finding[];
  readonly remarks: string;
}

export interface LocalObjective {
  readonly 'control-id': string;
  readonly description: string;
  readonly parts: readonly { readonly id: string; readonly name: 'objective'; readonly prose: string }[];
}

export interface AssessmentResults {
  readonly 'assessment-results': {
    readonly uuid: string;
    readonly metadata: Metadata;
    readonly 'import-ap': { readonly href: string };
    readonly 'local-definitions': { readonly 'objectives-and-methods': readonly LocalObjective[] };
    readonly results: readonly Result[];
  };
}

/** One property of ours. OSCAL strings are not empty and neither begin nor end with a blank. */
export function prop(name: string, value: string): Prop {
  return { name, ns: NS, value: oneLine(value) };
}
