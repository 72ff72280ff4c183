import path from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { descriptors as generatedDescriptors } from '../connectors/descriptors.generated';
import type { Descriptor } from '../core/connector';
import {
  DEFAULT_BULK,
  DEFAULT_NETWORKS,
  DEFAULT_RETENTION,
  type BulkSettings,
  type Networks,
  type Retention,
  type WitnessContext,
} from './context';
import { loadPolicies } from './policies';
import { SynthWalk } from './security/synth-walk';
import { EvidenceStack } from './stacks/evidence-stack';
import { WitnessStack } from './stacks/witness-stack';
import { WorkflowStack } from './stacks/workflow-stack';

/** The two stacks, by the names they are deployed under. */
export const stackNames = { evidence: 'GaplessEvidence', workflow: 'GaplessWorkflow' } as const;

/** The stack of the witness; it is there when the context pins a ledger, and belongs into another account. */
export const WITNESS_STACK = 'GaplessWitness';

export interface AppProps {
  /** Folder of policy files; an empty folder gives a deployment that rotates nothing. */
  readonly policiesDir: string;
  /** Folder of the cloud assembly; CDK's own choice by default. */
  readonly outdir?: string;
  readonly networks?: Networks;
  readonly bulk?: BulkSettings;
  /** How long what is in the locked buckets cannot be removed. */
  readonly retention?: Retention;
  /** ISO date; exceptions of policies run out on their day. */
  readonly today: string;
  /** SNS topic that alarms notify; without one they only change state. */
  readonly alarmTopicArn?: string;
  /** Ledger that a witness follows; without one there is no witness in the app. */
  readonly witness?: WitnessContext;
  /** Account whose witness may read what is sealed here. */
  readonly witnessAccount?: string;
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
 * made. Synthesising it walks the templates too (security/walk.ts). Needs no AWS account and no network.
 * @throws Error listing everything that is wrong with the policies
 */
export function buildApp(props: AppProps): App {
  const networks = props.networks ?? DEFAULT_NETWORKS;
  const retention = props.retention ?? DEFAULT_RETENTION;
  const descriptors = props.descriptors ?? generatedDescriptors;
  const policies = loadPolicies({ dir: props.policiesDir, descriptors, networks, today: props.today });
  const app = new App({
    analyticsReporting: false,
    context: flags,
    ...(props.outdir === undefined ? {} : { outdir: props.outdir }),
  });
  Validations.of(app).addPlugins(new SynthWalk());
  const functionsDir = props.functionsDir ?? path.join(__dirname, '..', 'lambdas', 'functions');
  const evidence = new EvidenceStack(app, stackNames.evidence, retention, props.witnessAccount);
  const workflow = new WorkflowStack(app, stackNames.workflow, {
    stores: evidence.stores,
    policies,
    descriptors,
    networks,
    bulk: props.bulk ?? DEFAULT_BULK,
    functionsDir,
    buildDir: path.join(app.outdir, 'build'),
    alarmTopicArn: props.alarmTopicArn,
  });
  workflow.addStackDependency(evidence);
  if (props.witness !== undefined) {
    new WitnessStack(app, WITNESS_STACK, {
      pinned: props.witness,
      retention,
      functionsDir,
      buildDir: path.join(app.outdir, 'build-witness'),
      alarmTopicArn: props.alarmTopicArn,
    });
  }
  return app;
}
