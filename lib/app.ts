import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { descriptors as generatedDescriptors } from '../connectors/descriptors.generated';
import type { Descriptor } from '../core/connector';
import { DEFAULT_BULK, DEFAULT_NETWORKS, type BulkSettings, type Networks } from './context';
import { loadPolicies } from './policies';
import { EvidenceStack } from './stacks/evidence-stack';
import { WorkflowStack } from './stacks/workflow-stack';

/** The two stacks, by the names they are deployed under. */
export const stackNames = { evidence: 'GaplessEvidence', workflow: 'GaplessWorkflow' } as const;

export interface AppProps {
  /** Folder of policy files; an empty folder gives a deployment that rotates nothing. */
  readonly policiesDir: string;
  /** Folder of the cloud assembly; CDK's own choice by default. */
  readonly outdir?: string;
  readonly networks?: Networks;
  readonly bulk?: BulkSettings;
  /** ISO date; exceptions of policies run out on their day. */
  readonly today: string;
  /** SNS topic that alarms notify; without one they only change state. */
  readonly alarmTopicArn?: string;
  /** Folder of the function entries, by default `lambdas/functions`. */
  readonly functionsDir?: string;
  /** Connector kinds a policy may name, by default all of `connectors/`. */
  readonly descriptors?: readonly Descriptor[];
}

// In code, not in cdk.json, so that every way of building the app gives the same templates. The working stack is thrown
// away and made again more easily than the stores, so what it imports is held fast.
const flags = {
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
};

/**
 * Builds the app: policies are read, parsed and compared with the connectors, functions are bundled, both stacks are
 * made. Needs no AWS account and no network.
 * @throws Error listing everything that is wrong with the policies
 */
export function buildApp(props: AppProps): App {
  const networks = props.networks ?? DEFAULT_NETWORKS;
  const descriptors = props.descriptors ?? generatedDescriptors;
  const policies = loadPolicies({ dir: props.policiesDir, descriptors, networks, today: props.today });
  const app = new App({
    analyticsReporting: false,
    context: flags,
    ...(props.outdir === undefined ? {} : { outdir: props.outdir }),
  });
  const evidence = new EvidenceStack(app, stackNames.evidence);
  const workflow = new WorkflowStack(app, stackNames.workflow, {
    stores: evidence.stores,
    policies,
    descriptors,
    networks,
    bulk: props.bulk ?? DEFAULT_BULK,
    functionsDir: props.functionsDir ?? path.join(__dirname, '..', 'lambdas', 'functions'),
    buildDir: path.join(app.outdir, 'build'),
    alarmTopicArn: props.alarmTopicArn,
  });
  workflow.addStackDependency(evidence);
  return app;
}
