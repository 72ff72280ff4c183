import { CfnResource, Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, ServerlessChecks, type NagPack } from 'cdk-nag';
import { acknowledgements } from '../../lib/security/acknowledgements';
import { judge, sentenceOf, type Finding } from '../../lib/security/finding';
import { walk } from '../../lib/security/walk';
import { templatesOf, wholeApp } from '../support/whole-app';

/** The real day, so that an acknowledgement really runs out. */
const today = new Date().toISOString().slice(0, 10);
const app = wholeApp();
const walked = walk(templatesOf(app));

/** What a pack finds; warnings count as errors. */
function nagged(pack: NagPack): readonly Finding[] {
  return pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources }) => {
    const [, rule = ruleName, what = ''] = /^([^[]+)\[(.*)\]$/s.exec(ruleName) ?? [];
    return violatingResources.map(({ constructPath = '' }) => ({
      rule,
      what,
      where: whereOf(constructPath),
    }));
  });
}

const resources = new Map(app.node.findAll().map((each) => [each.node.path, each]));

function whereOf(constructPath: string): string {
  const found = resources.get(constructPath);
  if (!(found instanceof CfnResource)) throw new Error(`${constructPath} is no resource`);
  return `${Stack.of(found).stackName}/${String(Stack.of(found).resolve(found.logicalId))}`;
}

const packs = [new AwsSolutionsChecks(app), new ServerlessChecks(app), new NIST80053R5Checks(app)];
const findings = [...walked, ...packs.flatMap((pack) => nagged(pack))];

it('no rule of the walk, of AwsSolutions, Serverless or NIST 800-53 r5 is broken without an acknowledgement', () => {
  expect(judge(findings, acknowledgements, today).open.map((each) => sentenceOf(each))).toEqual([]);
});

it('no acknowledgement matches nothing, gives no reason, or has run out', () => {
  expect(judge(findings, acknowledgements, today).unsound).toEqual([]);
});

it('every acknowledgement runs out within a year', () => {
  const last = acknowledgements
    .map(({ until }) => until)
    .toSorted()
    .at(-1);
  expect(last && Date.parse(last) - Date.parse('2026-11-26')).toBeLessThanOrEqual(366 * 86_400_000);
});
