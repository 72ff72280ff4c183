import { Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { EvidenceTable } from '../../lib/constructs/tables';
import { soundPolicy, stubbedApp } from '../support/synth';

/** What the synth of the app says after something was changed in it; empty when it goes through. */
function refusalOf(change: (construct: IConstruct) => void): string {
  const app = stubbedApp({ 'orders.yaml': soundPolicy });
  for (const construct of app.node.findAll()) change(construct);
  const said: string[] = [];
  const shown = jest
    .spyOn(console, 'error')
    .mockImplementation((text: unknown) => void said.push(String(text)));
  try {
    app.synth();
    return '';
  } catch (refused) {
    return `${String(refused)}\n${said.join('\n')}`;
  } finally {
    shown.mockRestore();
  }
}

/** Adds a right to the role of a function. */
function granting(role: string, action: string, resource: string) {
  return (construct: IConstruct): void => {
    if (construct instanceof Role && construct.node.path === `GaplessWorkflow/Functions/${role}/Role`)
      construct.addToPolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
  };
}

/** Changes the text of the rotation's definition. */
function redefining(from: string, to: string) {
  return (construct: IConstruct): void => {
    if (!(construct instanceof CfnStateMachine) || !construct.node.path.includes('/rotation/')) return;
    const written = JSON.stringify(Stack.of(construct).resolve(construct.definitionString));
    const changed = written.replace(JSON.stringify(from).slice(1, -1), JSON.stringify(to).slice(1, -1));
    expect(changed).not.toBe(written);
    construct.definitionString = Token.asString(JSON.parse(changed));
  };
}

let table = '';

describe('the build', () => {
  it('goes through as it is', () => {
    expect(refusalOf(() => undefined)).toBe('');
  });

  it('fails on a grant of iam:*, and names the role', () => {
    const said = refusalOf(granting('open', 'iam:*', 'arn:aws:iam::000000000000:user/somebody'));
    expect(said).toMatch(/ValidationFailed/);
    expect(said).toMatch(/GaplessWorkflow\/FunctionsopenRoleDefaultPolicy\w+: iam:\*/);
  });

  it('fails on a grant of UpdateItem at the table of evidence, and names the role', () => {
    const said = refusalOf((construct) => {
      if (construct instanceof EvidenceTable) table = construct.tableArn;
      granting('close', 'dynamodb:UpdateItem', table)(construct);
    });
    expect(said).toMatch(/GaplessWorkflow\/FunctionscloseRole\w+: dynamodb:UpdateItem/);
    expect(said).toMatch(/Only PutItem and reads reach the table of evidence/);
  });

  it('fails on a secret in the output of a state, and names the state', () => {
    const output = '\\"Output\\":\\"{% $states.result.Payload %}\\"'.replaceAll('\\', '');
    const said = refusalOf(redefining(output, output.replace('Payload', 'Payload.SecretString')));
    expect(said).toMatch(/GaplessWorkflow\/rotationMachine\w+: state \w+: Output = .*SecretString/);
  });
});
