import fs from 'node:fs';
import path from 'node:path';
import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import { acknowledgements } from './acknowledgements';
import { covers, type Finding } from './finding';
import { rules, walk } from './walk';

/**
 * The walk as a part of every synth: `cdk synth`, `cdk deploy` and `gapless up` stop at what nobody acknowledged. An
 * acknowledgement that ran out stops the tests of this repository, not a deployment on the day somebody needs one.
 * Findings are fatal: the one place to let something stand is acknowledgements.ts, with its reason.
 */
export class SynthWalk implements IPolicyValidationPlugin {
  readonly name = 'gapless-security';
  readonly ruleIds = Object.keys(rules);

  /** @throws Error when a template cannot be read */
  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const files = templatePaths.map((file) => ({ file, stack: path.basename(file, '.template.json') }));
    const found = walk(
      files.map(({ file, stack }) => ({
        stack,
        template: JSON.parse(fs.readFileSync(file, 'utf8')) as unknown,
      })),
    );
    const open = found.filter((finding) => !acknowledgements.some((each) => covers(each, finding)));
    const violations = open.map((finding) => violation(finding, files));
    return { success: violations.length === 0, violations };
  }
}

function violation(
  { rule, where, what }: Finding,
  files: readonly { readonly file: string; readonly stack: string }[],
): PolicyViolation {
  const [stack = '', resourceLogicalId = ''] = where.split('/');
  const templatePath = files.find((each) => each.stack === stack)?.file ?? '';
  return {
    ruleName: rule,
    description: `${where}: ${what === '' ? rule : what}`,
    fix: rules[rule] ?? rule,
    severity: 'fatal',
    violatingResources: [{ resourceLogicalId, templatePath, locations: what === '' ? [] : [what] }],
  };
}
