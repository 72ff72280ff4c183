import path from 'node:path';
import { descriptors } from '../../../connectors/descriptors.generated';
import type { Descriptor } from '../../../core/connector';
import type { Consumer, Policy } from '../../../core/policy/schema';
import { surveyPolicies, type LocatedGap, type SurveyedPolicy } from '../../../lib/policies';
import { rotationStages } from '../../../lambdas/steps/contracts';
import { Exit, exitCodes } from '../exit';
import { Terminal, type Speech } from '../output/terminal';
import { networksOf } from '../networks';
import { printPlan } from '../output/plan-text';

export interface PlanOptions {
  /** Folder of the policies. */
  readonly dir: string;
  /** The project folder, whose cdk.json names the networks. */
  readonly folder: string;
  readonly speech: Speech;
  /** ISO date. */
  readonly today: string;
}

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
  readonly gaps: readonly Pick<LocatedGap, 'gap' | 'field' | 'state' | 'line'>[];
}

/** Gaps that are mistakes of the file itself, not something a connector cannot do. */
const MISTAKES = ['target', 'network'];

/**
 * Shows what a deployment of these policies would do. Needs no engine and changes nothing.
 * @throws Exit usage when a policy cannot be read, naming each field, its value and what is allowed
 */
export function plan({ dir, folder, speech, today }: PlanOptions): Promise<number> {
  const terminal = new Terminal(speech);
  const shown = path.relative(folder, dir) || '.';
  terminal.message(`Policies in ${shown}, compared with the connectors of this version.`);
  const { policies, complaints } = survey(dir, folder, today);
  const wrong = [...complaints, ...policies.flatMap(mistakes)];
  if (wrong.length > 0)
    throw new Exit(
      'usage',
      `The policies in ${shown} cannot be used:\n${wrong.map((line) => `  - ${line}`).join('\n')}\nNothing was changed. Correct them and run gapless plan again.`,
    );
  const identities = policies.map(planned);
  const open = identities.flatMap(({ gaps }) => gaps.filter(({ state }) => state === 'open'));
  printPlan(terminal, identities);
  terminal.document({ policiesDir: shown, identities, openGaps: open.length });
  terminal.message(verdict(identities.length, open.length, shown));
  return Promise.resolve(open.length === 0 ? exitCodes.ok : exitCodes.gapFound);
}

function survey(dir: string, folder: string, today: string) {
  try {
    return surveyPolicies({ dir, descriptors, networks: networksOf(folder), today });
  } catch (error) {
    throw new Exit('usage', error instanceof Error ? error.message : String(error));
  }
}

function mistakes({ gaps }: SurveyedPolicy): readonly string[] {
  return gaps.filter(({ gap, state }) => MISTAKES.includes(gap) && state === 'open').map(({ line }) => line);
}

function planned({ file, policy, gaps }: SurveyedPolicy): PlannedIdentity {
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
    gaps,
  };
}

function dueRule({ rotation }: Policy): string | null {
  if (!rotation) return null;
  const window = rotation.window ? `, only from ${rotation.window.from} to ${rotation.window.to} UTC` : '';
  return `every ${rotation.every}${window}; the first time at a moment within ${rotation.every} of enrolment that follows from the id; a failed attempt again after 5, 10, 20 … minutes`;
}

/** Without a wait, the overlap is passed through and not worth a line. */
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

function verdict(identities: number, open: number, dir: string): string {
  if (identities === 0)
    return `No policy in ${dir}. Nothing was changed. Copy one from examples/policies and run gapless plan again.`;
  if (open > 0)
    return `${open} design ${open === 1 ? 'gap' : 'gaps'} open: these policies cannot be deployed. Nothing was changed. Each line above says the way out.`;
  return `No design gap is open. Nothing was changed. Next: npx gapless up (here) or npx cdk deploy --all (AWS).`;
}
