import { Aspects, CfnResource, Stack, type App, type IAspect } from 'aws-cdk-lib';
import { CfnPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { stubbedApp, soundPolicy } from '../support/synth';

/** What the synth of a changed app says; empty when it goes through. */
function refusalOf(change: (construct: IConstruct) => void): string {
  const app: App = stubbedApp({ 'orders.yaml': soundPolicy });
  const aspect: IAspect = { visit: change };
  Aspects.of(app).add(aspect);
  const said: string[] = [];
  const console_ = jest
    .spyOn(console, 'error')
    .mockImplementation((text: unknown) => void said.push(String(text)));
  try {
    app.synth();
    return '';
  } catch (refused) {
    return `${String(refused)}\n${said.join('\n')}`;
  } finally {
    console_.mockRestore();
  }
}

const isAt = (construct: IConstruct, path: string): boolean => construct.node.path === path;
