import path from 'node:path';
import { descriptors } from '../../../connectors/descriptors.generated';
import { surveyPolicies, type SurveyedPolicy } from '../../../lib/policies';
import { Exit, exitCodes } from '../exit';
import { Terminal, type Speech } from '../output/terminal';
import { networksOf } from '../networks';
import { printPlan } from '../output/plan-text';
import { planned } from '../policies/planned';

export interface PlanOptions {
  /** Folder of the policies. */
  readonly dir: string;
  /** The project folder, whose cdk.json names the networks. */
  readonly folder: string;
  readonly speech: Speech;
  /** ISO date. */
  readonly today: string;
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

function verdict(identities: number, open: number, dir: string): string {
  if (identities === 0)
    return `No policy in ${dir}. Nothing was changed. Copy one from examples/policies and run gapless plan again.`;
  if (open > 0)
    return `${open} design ${open === 1 ? 'gap' : 'gaps'} open: these policies cannot be deployed. Nothing was changed. Each line above says the way out.`;
  return `No design gap is open. Nothing was changed. Next: npx gapless up (here) or npx cdk deploy --all (AWS).`;
}
