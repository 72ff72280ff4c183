import path from 'node:path';
import { PermissionsBoundary, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Descriptor } from '../../core/connector';
import type { FunctionRole } from '../../lambdas/steps/contracts';
import { bundle, type Bundle } from '../bundles';
import type { BulkSettings, Network, Networks } from '../context';
import type { Route } from '../policies';
import type { FunctionArns } from '../workflow/step-task';
import type { CompiledPolicies } from './compiled-policies';
import { PermissionBoundary } from './permission-boundary';
import { rightsOf, type Surroundings } from './rights';
import { SEALER_ROLE } from './signing-key';
import { StepFunction } from './step-function';
import { targetRights } from './target-rights';

/** Functions without any right at a target; they exist once. */
export const coreRoles = [
  'open',
  'bulk',
  'approval',
  'requests',
  'decisions',
  'query',
  'promote',
  'close',
  'sweep',
  'settle',
  'seal',
  'confirm',
] as const satisfies readonly FunctionRole[];
export type CoreRole = (typeof coreRoles)[number];

export interface StepFunctionsProps extends Omit<Surroundings, 'policiesArn'> {
  /** Beginning of every function's name. */
  readonly prefix: string;
  /** What evidence calls this deployment. */
  readonly ledgerId: string;
  readonly policies: CompiledPolicies;
  readonly routes: readonly Route[];
  readonly descriptors: readonly Descriptor[];
  readonly networks: Networks;
  readonly bulk: BulkSettings;
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** All functions of a deployment: core ones once, consumers per network, mutator and prober per kind and network. */
export class StepFunctions extends Construct {
  readonly core: Readonly<Record<CoreRole, StepFunction>>;
  readonly arns: FunctionArns;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: StepFunctionsProps,
  ) {
    super(scope, id);
    const { routes } = props;
    this.core = {
      open: this.addCore('open'),
      bulk: this.addCore('bulk'),
      approval: this.addCore('approval'),
      requests: this.addCore('requests'),
      decisions: this.addCore('decisions'),
      query: this.addCore('query'),
      promote: this.addCore('promote'),
      close: this.addCore('close'),
      sweep: this.addCore('sweep'),
      settle: this.addCore('settle'),
      seal: this.addCore('seal'),
      confirm: this.addCore('confirm'),
    };
    const networks = [...new Set(routes.map(({ network }) => network))];
    const consumers = networks.map(
      (network) => [network, this.onNetwork('consumers', 'consumers', network, network)] as const,
    );
    const mutators = routes.map((route) => this.onRoute('mutator', route));
    const probers = routes.map((route) => this.onRoute('prober', route));
    const { open, bulk, approval, promote, close, sweep, settle } = this.core;
    this.arns = {
      core: {
        open: open.lambda.functionArn,
        bulk: bulk.lambda.functionArn,
        approval: approval.lambda.functionArn,
        promote: promote.lambda.functionArn,
        close: close.lambda.functionArn,
        sweep: sweep.lambda.functionArn,
        settle: settle.lambda.functionArn,
      },
      consumers: arnsOf(consumers),
      mutator: arnsOf(mutators),
      prober: arnsOf(probers),
    };
  }

  private addCore(role: CoreRole): StepFunction {
    return this.add(role, role, role, {});
  }

  private onRoute(role: 'mutator' | 'prober', { kind, network }: Route): readonly [string, StepFunction] {
    const made = this.onNetwork(role, `${kind}-${role}`, `${kind}-${network}`, network);
    const descriptor = this.props.descriptors.find((each) => each.kind === kind);
    const rights = descriptor === undefined ? [] : targetRights(descriptor, role);
    if (rights.length > 0) this.reachTarget(made, rights);
    return [`${kind}/${network}`, made];
  }

  /** Grants a kind its rights in AWS, below a boundary of its own. */
  private reachTarget(made: StepFunction, rights: readonly PolicyStatement[]): void {
    for (const right of rights) made.lambda.addToRolePolicy(right);
    const table = this.props.stores.evidence.tableArn;
    PermissionsBoundary.of(made).apply(new PermissionBoundary(made, 'Boundary', table, rights));
  }

  private onNetwork(role: FunctionRole, bundleName: string, label: string, network: string): StepFunction {
    return this.add(role, bundleName, `${label}-${role}`, this.props.networks[network] ?? {});
  }

  private add(role: FunctionRole, bundleName: string, label: string, network: Network): StepFunction {
    const { prefix, bundles, policies } = this.props;
    const code = bundles.get(bundleName);
    if (code === undefined) throw new Error(`There is no bundle called ${bundleName}; run: npm run generate`);
    return new StepFunction(this, label, {
      name: `${prefix}-${label}`,
      role,
      roleName: role === 'seal' ? SEALER_ROLE : undefined,
      bundle: code,
      environment: this.environmentOf(role),
      rights: rightsOf(role, { ...this.props, policiesArn: policies.arn }),
      network,
    });
  }

  private environmentOf(role: FunctionRole): Record<string, string> {
    const {
      stores,
      policies,
      ledgerId,
      rotationMachineArn,
      settleMachineArn,
      revocationMachineArn,
      bulkMachineArn,
      bulk,
    } = this.props;
    return {
      LEDGER_ID: ledgerId,
      REGISTRY_TABLE: stores.registry.tableName,
      EVIDENCE_TABLE: stores.evidence.tableName,
      POLICIES_BUCKET: policies.bucketName,
      POLICIES_KEY: policies.key,
      POLICIES_REVISION: policies.revision,
      LISTS_BUCKET: stores.bucket.bucketName,
      ...(role === 'mutator' ? { FINGERPRINT_KEY: stores.fingerprintKeyArn } : {}),
      ...(role === 'query' ? { SEALED_BUCKET: stores.bucket.bucketName } : {}),
      ...(role === 'seal'
        ? { SEALED_BUCKET: stores.bucket.bucketName, SIGNING_KEY: stores.signingKeyArn }
        : {}),
      ...(role === 'settle'
        ? {
            ROTATION_MACHINE: rotationMachineArn,
            SETTLE_MACHINE: settleMachineArn,
            BULK_MACHINE: bulkMachineArn,
          }
        : {}),
      ...(role === 'bulk'
        ? { BULK_APPROVAL_ABOVE: String(bulk.approvalAbove), BULK_AT_ONCE: String(bulk.atOnce) }
        : {}),
      ...(role === 'requests' || role === 'confirm'
        ? {
            ROTATION_MACHINE: rotationMachineArn,
            REVOCATION_MACHINE: revocationMachineArn,
            BULK_MACHINE: bulkMachineArn,
          }
        : {}),
    };
  }
}

function arnsOf(made: readonly (readonly [string, StepFunction])[]): Record<string, string> {
  return Object.fromEntries(made.map(([name, { lambda }]) => [name, lambda.functionArn]));
}

/** Bundles what the routes need: entries are `<role>.ts`, and `generated/<kind>.<role>.ts` for a connector's own. */
export function bundleStepFunctions(
  functionsDir: string,
  routes: readonly Route[],
  buildDir: string,
): ReadonlyMap<string, Bundle> {
  const kinds = [...new Set(routes.map(({ kind }) => kind))];
  const shared = [...coreRoles, ...(routes.length > 0 ? ['consumers'] : [])];
  const perKind = kinds.flatMap((kind) => ['mutator', 'prober'].map((role) => ({ kind, role })));
  const entries = new Map([
    ...shared.map((role) => [role, `${role}.ts`] as const),
    ...perKind.map(({ kind, role }) => [`${kind}-${role}`, `generated/${kind}.${role}.ts`] as const),
  ]);
  return bundle(
    [...entries].map(([name, file]) => ({ name, file: path.join(functionsDir, file) })),
    buildDir,
  );
}
