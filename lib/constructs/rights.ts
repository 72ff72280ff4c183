import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  evidenceKeys,
  evidenceTable,
  registryKeys,
  registryTable,
  runIndexes,
} from '../../core/ports/tables';
import type { FunctionRole } from '../../lambdas/steps/contracts';
import type { Stores } from '../stacks/evidence-stack';
import { prefixes, sealedPrefixes } from './locked-bucket';

/** Tag of a secret that says what Gapless may do with it; its value is a use. */
export const USE_TAG = 'gapless:use';
type Use = 'identity' | 'admin' | 'control';

/** What the functions work on. */
export interface Surroundings {
  readonly stores: Stores;
  /** ARN of the compiled policies' S3 object. */
  readonly policiesArn: string;
  readonly rotationMachineArn: string;
  readonly settleMachineArn: string;
  readonly revocationMachineArn: string;
  readonly bulkMachineArn: string;
}

type RightsRule = (around: Surroundings) => readonly PolicyStatement[];

// Who can change a target cannot write the verdict on it: mutators write RUN#, probers PROOF#, and only `sweep` writes
// policy bodies. `promote` moves a label without reading a value; the other core functions touch no secret. `settle` looks,
// starts, records broken deadlines, and carries what emergencies kept in the spill into both chains, without a right at any
// target: what else it finds is done by the steps of its machine. `requests` starts runs and
// notes who asked; `decisions` alone ends the wait of a run, and has no right at targets, secrets or machines' starts.
// `seal` alone signs and writes sealed objects; it reads evidence and writes none. `query` reads, and what it may read holds
// no task token: approvals and verified requests are out of its reach. `confirm` writes what the API log says of a start into a
// run of its own, and nothing that an approval or a request is. `bulk` writes rows of its own runs, and of no identity.
const rules: Readonly<Record<FunctionRole, RightsRule>> = {
  open: (around) => [
    ...ledger(around, evidenceKeys.run),
    registry(around, 'delete'),
    lists(around, 'ReadLists', 's3:GetObject'),
    ...spill(around, ['RUN']),
    tell(),
  ],
  bulk: (around) => [
    ...ledger(around, evidenceKeys.run),
    writes(around, 'BulkRuns', [registryKeys.open, registryKeys.run]),
    registry(around, 'read'),
    lists(around, 'WriteLists', 's3:PutObject'),
    lists(around, 'ReadLists', 's3:GetObject'),
    tell(),
  ],
  approval: (around) => [...ledger(around, evidenceKeys.run), registry(around, 'delete'), tell()],
  requests: (around) => [...startRequests(around)],
  decisions: (around) => [
    ...ledger(around, evidenceKeys.run),
    registry(around, 'delete'),
    statement(
      'EndWaits',
      ['states:SendTaskSuccess'],
      [around.rotationMachineArn, around.revocationMachineArn, around.bulkMachineArn],
    ),
    tell(),
  ],
  promote: (around) => [
    ...ledger(around, evidenceKeys.run),
    registry(around, 'delete'),
    secrets('PromoteIdentity', ['DescribeSecret', 'UpdateSecretVersionStage'], ['identity']),
  ],
  close: (around) => [
    ...ledger(around, evidenceKeys.run),
    registry(around, 'delete'),
    ...spill(around, ['RUN']),
    tell(),
  ],
  sweep: (around) => [
    ...ledger(around, evidenceKeys.policy),
    registry(around, 'change'),
    secrets('EnrolIdentity', ['DescribeSecret'], ['identity']),
    lists(around, 'WriteLists', 's3:PutObject'),
  ],
  settle: (around) => [
    ...ledger(around, evidenceKeys.run, evidenceKeys.proof),
    registry(around, 'delete'),
    ...spill(around, ['delivered', 'aside']),
    ...executions(around),
    tell(),
  ],
  seal: (around) => [...sealing(around)],
  confirm: (around) => [...ledger(around, evidenceKeys.run), ...confirming(around), tell()],
  query: (around) => [...reading(around)],
  consumers: (around) => [...ledger(around, evidenceKeys.run), ...claims(around)],
  mutator: (around) => [
    ...ledger(around, evidenceKeys.run),
    registry(around, 'change'),
    secrets('ReadMaterial', ['GetSecretValue'], ['admin', 'identity']),
    secrets('WriteCandidate', ['DescribeSecret', 'PutSecretValue'], ['identity']),
    secrets('SeeControl', ['DescribeSecret'], ['control']),
    statement('Fingerprint', ['kms:GenerateMac'], [around.stores.fingerprintKeyArn]),
    ...spill(around, ['RUN']),
  ],
  prober: (around) => [
    ...ledger(around, evidenceKeys.proof),
    registry(around, 'read'),
    secrets('ReadMaterial', ['GetSecretValue'], ['control', 'identity']),
    secrets('DescribeIdentity', ['DescribeSecret'], ['identity']),
    ...spill(around, ['PROOF']),
  ],
};

/** Everything one function may do, beside writing its own log. */
export function rightsOf(role: FunctionRole, around: Surroundings): readonly PolicyStatement[] {
  // What a policy asked for is read from the body that is kept as evidence.
  if (role === 'query') return rules.query(around);
  return [...rules[role](around), statement('ReadPolicies', ['s3:GetObject'], [around.policiesArn])];
}

function ledger({ stores }: Surroundings, ...leadingKeys: readonly string[]): readonly PolicyStatement[] {
  const table = stores.evidence.tableArn;
  const append = statement('AppendEvidence', evidenceTable.createActions, [table]);
  append.addCondition('ForAllValues:StringLike', {
    'dynamodb:LeadingKeys': leadingKeys.map((key) => `${key}*`),
  });
  return [append, statement('ReadEvidence', evidenceTable.readActions, [table])];
}

/**
 * Writes once into folders of the spill: who may write a chain of the table may keep that chain's records here, and no
 * other's. Settle alone says what became of them.
 */
function spill(
  { stores }: Surroundings,
  folders: readonly ('RUN' | 'PROOF' | 'delivered' | 'aside')[],
): readonly PolicyStatement[] {
  const { bucket } = stores;
  const every = bucket.arnForObjects(`${prefixes.spill}/*`);
  const own = folders.map((folder) => bucket.arnForObjects(`${prefixes.spill}/*/${folder}/*`));
  const list = statement('ListSpill', ['s3:ListBucketVersions'], [bucket.bucketArn]);
  list.addCondition('StringLike', { 's3:prefix': [`${prefixes.spill}/*`] });
  return [
    statement('Spill', ['s3:PutObject'], own),
    statement('ReadSpill', ['s3:GetObjectVersion'], [every]),
    list,
  ];
}

/** `read` < `change` < `delete`: each may do what the one before it may. */
function registry({ stores }: Surroundings, most: 'read' | 'change' | 'delete'): PolicyStatement {
  const { readActions, createActions, changeActions, deleteActions } = registryTable;
  const change = most === 'read' ? [] : [...createActions, ...changeActions];
  const remove = most === 'delete' ? deleteActions : [];
  const table = stores.registry.tableArn;
  return statement('Registry', [...readActions, ...change, ...remove], [table, `${table}/index/*`]);
}

/** Claims an identity and gives it back, and nothing else: these functions talk to endpoints that may be hostile. */
function claims({ stores }: Surroundings): readonly PolicyStatement[] {
  const table = stores.registry.tableArn;
  const claim = statement('Claim', registryTable.changeActions, [table]);
  claim.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': [`${registryKeys.identity}*`] });
  return [claim, statement('Registry', registryTable.readActions, [table, `${table}/index/*`])];
}

/** Opens and closes short runs about others: their markers and rows, and the lease that such a run gives back. */
function confirming(around: Surroundings): readonly PolicyStatement[] {
  const { open, run, identity } = registryKeys;
  const read = statement('Registry', registryTable.readActions, [around.stores.registry.tableArn]);
  return [writes(around, 'ConfirmRuns', [open, run, identity]), read];
}

/** Creates and changes rows of the registry whose partitions begin with one of the keys, and no others. */
function writes({ stores }: Surroundings, sid: string, keys: readonly string[]): PolicyStatement {
  const { createActions, changeActions } = registryTable;
  const own = statement(sid, [...createActions, ...changeActions], [stores.registry.tableArn]);
  const partitions = keys.map((key) => `${key}*`);
  own.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': partitions });
  return own;
}

/** Reads evidence, writes sealed objects and its own rows of the registry, and signs. */
function sealing({ stores }: Surroundings): readonly PolicyStatement[] {
  const { evidence, registry: index, bucket, signingKeyArn } = stores;
  const { readActions, createActions, changeActions, deleteActions } = registryTable;
  const own = statement(
    'SealIndex',
    [...createActions, ...changeActions, ...deleteActions],
    [index.tableArn],
  );
  own.addCondition('ForAllValues:StringLike', {
    'dynamodb:LeadingKeys': [`${registryKeys.open}*`, `${registryKeys.run}*`, registryKeys.sealer],
  });
  const objects = sealedPrefixes.map((folder) => bucket.arnForObjects(`${folder}/*`));
  return [
    statement('ReadEvidence', evidenceTable.readActions, [evidence.tableArn]),
    statement('Registry', readActions, [index.tableArn]),
    own,
    statement('SealedObjects', ['s3:PutObject', 's3:GetObjectVersion'], objects),
    statement('SealedVersions', ['s3:ListBucketVersions'], [bucket.bucketArn]),
    statement('SignCheckpoints', ['kms:Sign', 'kms:GetPublicKey'], [signingKeyArn]),
  ];
}

/** Reads evidence, what of it waits in the spill, the indexes that find runs, a few kinds of rows, and the lists of leaves. */
function reading({ stores }: Surroundings): readonly PolicyStatement[] {
  const { evidence, registry: index, bucket } = stores;
  const rows = statement('ReadRows', registryTable.readActions, [index.tableArn]);
  rows.addCondition('ForAllValues:StringLike', {
    'dynamodb:LeadingKeys': [registryKeys.run, registryKeys.open, registryKeys.identity].map(
      (key) => `${key}*`,
    ),
  });
  // `ForAllValues` holds of a call that names no key; a Scan alone names none, and nobody may scan.
  const found = [...runIndexes, 'enrolled'].map((name) => `${index.tableArn}/index/${name}`);
  return [
    statement('ReadEvidence', evidenceTable.readActions, [evidence.tableArn]),
    rows,
    statement('FindRuns', ['dynamodb:Query'], found),
    statement('SealedLists', ['s3:GetObjectVersion'], [bucket.arnForObjects('leaves/*')]),
    statement('ReadSpill', ['s3:GetObjectVersion'], [bucket.arnForObjects(`${prefixes.spill}/*`)]),
    statement('SealedVersions', ['s3:ListBucketVersions'], [bucket.bucketArn]),
  ];
}

/** Notes who asks before it starts what was asked for; it reads identities to say at once which are unknown. */
function startRequests({
  stores,
  rotationMachineArn,
  revocationMachineArn,
  bulkMachineArn,
}: Surroundings): readonly PolicyStatement[] {
  const started = [rotationMachineArn, revocationMachineArn, bulkMachineArn];
  const table = stores.registry.tableArn;
  const note = statement('NoteRequest', registryTable.createActions, [table]);
  note.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': [`${registryKeys.request}*`] });
  return [
    note,
    statement('Registry', registryTable.readActions, [table, `${table}/index/*`]),
    statement('StartRuns', ['states:StartExecution'], started),
  ];
}

// Which secrets are ours is said by their tag, so a policy added later needs no new right.
function secrets(sid: string, actions: readonly string[], uses: readonly Use[]): PolicyStatement {
  const all = `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:*`;
  const allowed = statement(
    sid,
    actions.map((action) => `secretsmanager:${action}`),
    [all],
  );
  allowed.addCondition('StringEquals', { [`secretsmanager:ResourceTag/${USE_TAG}`]: [...uses] });
  return allowed;
}

function lists(
  { stores }: Surroundings,
  sid: string,
  action: 's3:PutObject' | 's3:GetObject',
): PolicyStatement {
  return statement(sid, [action], [stores.bucket.arnForObjects(`${prefixes.lists}/*`)]);
}

/** Core functions alone tell what happened: they stand in no network, and no secret is known to them. */
function tell(): PolicyStatement {
  const bus = `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`;
  return statement('Tell', ['events:PutEvents'], [bus]);
}

function executions(around: Surroundings): readonly PolicyStatement[] {
  const { rotationMachineArn, revocationMachineArn, settleMachineArn, bulkMachineArn } = around;
  const looked = [rotationMachineArn, revocationMachineArn, settleMachineArn, bulkMachineArn];
  return [
    statement('StartSettle', ['states:StartExecution'], [settleMachineArn, bulkMachineArn]),
    statement(
      'LookAtExecutions',
      ['states:DescribeExecution'],
      looked.map((arn) => executionsOf(arn)),
    ),
  ];
}

/** ARN pattern of a machine's executions. */
export function executionsOf(machineArn: string): string {
  return `${machineArn.replace(':stateMachine:', ':execution:')}:*`;
}

function statement(sid: string, actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ sid, actions: [...actions], resources: [...resources] });
}
