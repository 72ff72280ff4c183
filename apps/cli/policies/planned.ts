import { descriptors } from '../../../connectors/descriptors.generated';
import type { Descriptor } from '../../../core/connector';
import { citation } from '../../../core/controls/frameworks';
import { resolveLabel } from '../../../core/controls/resolve';
import type { Consumer, Policy } from '../../../core/policy/schema';
import type { LocatedGap, SurveyedPolicy } from '../../../lib/policies';
import { rotationStages } from '../../../lambdas/steps/contracts';

/** What would be done for one identity. */
export interface PlannedIdentity {
  readonly id: string;
  readonly file: string;
  readonly kind: string;
  readonly strategy: string | null;
  readonly owner: string;
  readonly target: { readonly network: string; readonly admin: string; readonly control: string | null };
  readonly due: string | null;
  readonly stages: readonly string[];
  readonly rights: readonly string[];
  readonly consumers: readonly {
    readonly id: string;
    readonly observe: Consumer['observe'];
    readonly seenBy: string;
  }[];
  /** The policy's labels, and what each stands for in its framework; none for one that nobody knows. */
  readonly controls: readonly { readonly label: string; readonly citations: readonly string[] }[];
  readonly gaps: readonly Pick<LocatedGap, 'gap' | 'field' | 'state' | 'line'>[];
}

/** What a deployment would do with a policy. */
export function planned({ file, policy, gaps }: SurveyedPolicy): PlannedIdentity {
  const descriptor = descriptors.find(({ kind }) => kind === policy.kind);
  const { network, admin, control = null } = policy.target;
  return {
    id: policy.id,
    file,
    kind: policy.kind,
    strategy: policy.rotation?.strategy ?? null,
    owner: policy.owner,
    target: { network, admin, control },
    due: dueRule(policy),
    stages: policy.rotation ? stagesOf(policy) : [],
    rights: rightsOf(descriptor),
    consumers: policy.consumers.map((consumer) => ({
      id: consumer.id,
      observe: consumer.observe,
      seenBy: seenBy(consumer),
    })),
    controls: policy.controls.map((label) => ({
      label,
      citations: resolveLabel(label).controls.map(citation),
    })),
    gaps,
  };
}

function dueRule({ rotation }: Policy): string | null {
  if (!rotation) return null;
  const window = rotation.window ? `, only from ${rotation.window.from} to ${rotation.window.to} UTC` : '';
  return `every ${rotation.every}${window}; the first time at a moment within ${rotation.every} of enrolment that follows from the id; a failed attempt again after 5, 10, 20 … minutes`;
}

function stagesOf({ rotation }: Policy): readonly string[] {
  return rotationStages.map((stage) => (stage === 'Overlap' ? `Overlap ${rotation?.overlap ?? ''}` : stage));
}

function rightsOf(descriptor: Descriptor | undefined): readonly string[] {
  return [...new Set(Object.values(descriptor?.rights ?? {}).flat())].toSorted();
}

function seenBy(consumer: Consumer): string {
  switch (consumer.observe) {
    case 'http':
      return `asks ${consumer.url}gapless/consumer which version is in use`;
    case 'target-sessions':
      return `counts sessions at the target${consumer.client === undefined ? '' : ` of application ${consumer.client}`}`;
    default:
      return consumer satisfies never;
  }
}
