import type { Acknowledgement } from './finding';

/** When what AWS itself gives no other way for is judged again. */
const YEARLY = '2027-11-25';
/** When a choice of ours is judged again. */
const HALF_YEARLY = '2027-05-31';

const FUNCTION_ROLE = /\/(Functions\w+|Witness)Role[0-9A-F]{8}$/;
const FUNCTION_RIGHTS = /\/(Functions\w+|Witness)RoleDefaultPolicy[0-9A-F]{8}$/;
const MACHINE_RIGHTS = /\/(rotation|revocation|bulk|settle|sweep)RoleDefaultPolicy[0-9A-F]{8}$/;

interface Pattern {
  readonly where: RegExp;
  /** The resource with its wildcard, as both the walk and AwsSolutions-IAM5 write it. */
  readonly resource: RegExp;
  /** What the walk adds: the actions it is open to, and the condition keys it is held by. */
  readonly use: RegExp;
  readonly reason: string;
  readonly until: string;
}

const patterns: readonly Pattern[] = [
  {
    where: /\/Functions\w+RoleDefaultPolicy/,
    resource: /:secret:\*/,
    use: /for secretsmanager:[\w:, ]+ if secretsmanager:ResourceTag\/gapless:use/,
    reason:
      'Secrets are told apart by their tag gapless:use, which the statement demands, so that a policy added later needs no new right (docs/decisions/0008-secrets-by-tag.md).',
    until: HALF_YEARLY,
  },
  {
    where: /\/Functions\w+RoleDefaultPolicy/,
    resource: /\/index\/\*/,
    use: /for dynamodb:/,
    reason:
      'The indexes of the registry, all of which the function may query as it may the table; an index cannot be written.',
    until: YEARLY,
  },
  {
    where: /\/(Functions\w+|bulk|sweep)RoleDefaultPolicy/,
    resource: /\/lists\/\*/,
    use: /for s3:(Get|Put)Object$/,
    reason:
      'Lists of Distributed Maps: each run writes one of its own name below this folder, and nothing else lies there.',
    until: YEARLY,
  },
  {
    where: /\/FunctionssealRoleDefaultPolicy|\/WitnessRoleDefaultPolicy/,
    resource: /\/(leaves|tile|checkpoint|pulse|witness)\/\*/,
    use: /for s3:GetObjectVersion(, s3:PutObject)?$/,
    reason:
      'Folders of the sealed ledger: objects are named by what they hold, are written once, and the bucket denies every removal.',
    until: YEARLY,
  },
  {
    where: /\/FunctionsqueryRoleDefaultPolicy/,
    resource: /\/(leaves|tile|checkpoint|pulse)\/\*/,
    use: /for s3:GetObjectVersion$/,
    reason:
      'Whoever answers an auditor reads the sealed ledger, whose objects are named by what they hold; the right reads and writes nothing.',
    until: YEARLY,
  },
  {
    where: /\/Functions\w+RoleDefaultPolicy/,
    resource: /\/spill\/\*(\/(RUN|PROOF|aside|delivered)\/\*)?/,
    use: /for s3:(PutObject|GetObjectVersion)$/,
    reason:
      'Records kept while the table of evidence is down, by day or run: each writer reaches the folder of its own chain alone, objects are written once, and none can be removed.',
    until: HALF_YEARLY,
  },
  {
    where: /\/Functionsiamaccesskey\w+mutatorRoleDefaultPolicy/,
    resource: /:iam::<AWS::AccountId>:(user|role)\/\*/,
    use: /for iam:[\w:, ]+ if iam:ResourceTag\/gapless:(use|sessions)/,
    reason:
      'Users and roles are told apart by a tag, which the statement demands: one without it is out of reach, and a policy added later needs no new right (docs/decisions/0008-secrets-by-tag.md).',
    until: HALF_YEARLY,
  },
  {
    where: /\/Functionsiamaccesskey\w+RoleDefaultPolicy/,
    resource: /:iam::<AWS::AccountId>:(user|role)\/\*/,
    use: /for iam:(Get|List)\w+(, iam:(Get|List)\w+)*$/,
    reason:
      'Reads of users and roles, by which the connector finds out whether one is tagged; they change nothing and show no material.',
    until: HALF_YEARLY,
  },
  {
    where: /\/(FunctionssettleRole|bulkRole)DefaultPolicy/,
    resource: /:execution:gapless-\w+:\*/,
    use: /for states:DescribeExecution(, states:StopExecution)?$/,
    reason: 'Executions of one named machine, whose own names are not known before they start.',
    until: YEARLY,
  },
  {
    where: /\/(bulk|sweep)MachineDistributedMapPolicy/,
    resource: /:execution:\{"Fn::Select".*\*/,
    use: /for states:(DescribeExecution, states:StopExecution|RedriveExecution)$/,
    reason:
      'A Distributed Map looks after its own children, which are executions of this very machine (Step Functions developer guide, "IAM policies for using Distributed Map states").',
    until: YEARLY,
  },
  {
    where: /\/SchedulerRoleForTarget\w+DefaultPolicy/,
    resource: /<[\w.]+\.?(Arn)?>:\*/,
    use: /for lambda:InvokeFunction$/,
    reason:
      'Versions of one named function: Scheduler may call the function it was made for, by any of its versions.',
    until: YEARLY,
  },
  {
    where: MACHINE_RIGHTS,
    resource: /\*/,
    use: /for logs:CreateLogDelivery, [\w:, ]+xray:PutTraceSegments$/,
    reason:
      'Log delivery and X-Ray know no resources (Step Functions developer guide, "Logging" and "Tracing"); neither reads what was written.',
    until: YEARLY,
  },
  {
    where: FUNCTION_RIGHTS,
    resource: /\*/,
    use: /for xray:PutTelemetryRecords, xray:PutTraceSegments$/,
    reason:
      'X-Ray knows no resources for writing traces (Service Authorization Reference, AWS X-Ray); nothing can be read by it.',
    until: YEARLY,
  },
  {
    where: /\/Functions\w+RoleDefaultPolicy/,
    resource: /\*/,
    use: /for ec2:AssignPrivateIpAddresses, ec2:CreateNetworkInterface, ec2:DeleteNetworkInterface, ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets, ec2:UnassignPrivateIpAddresses$/,
    reason:
      'What Lambda asks of a function inside a network; it knows no narrower resource (Lambda developer guide, "Required IAM permissions" of VPC access).',
    until: YEARLY,
  },
  {
    where: /Boundary[0-9A-F]{8}$/,
    resource: /\*/,
    use: /as the most a role may reach$/,
    reason:
      'A boundary grants nothing: it cuts what roles are given, by actions that are all named; resources are narrowed in the roles.',
    until: YEARLY,
  },
];

const kmsDelegation =
  'A key policy that delegates to the account keeps the key manageable (KMS developer guide, "Default key policy"); it grants nothing by itself, and signing is denied to all but one role.';
const lambdaTrust =
  'Lambda takes its roles without saying for which function, so a condition on the source would keep the function from starting; its role is assumed by the service of this account only.';

/** What the walk finds and we let stand. */
const walked: readonly Acknowledgement[] = [
  {
    rule: 'wildcard-action',
    where: /\/(Fingerprints|Signing[0-9A-F]{8})$/,
    what: /^kms:\*$/,
    reason: kmsDelegation,
    until: YEARLY,
  },
  {
    rule: 'trust-without-source',
    where: FUNCTION_ROLE,
    what: /^lambda\.amazonaws\.com /,
    reason: lambdaTrust,
    until: YEARLY,
  },
  {
    rule: 'evidence-chains-not-separated',
    where: /\/FunctionssettleRole[0-9A-F]{8}$/,
    what: /^PROOF#\* and RUN#\*$/,
    reason:
      'Settle brings records of both chains from the spill to the table once it is back, as their writers left them; it has no right at a target and knows no secret.',
    until: HALF_YEARLY,
  },
];

/** What cdk-nag finds and we let stand, beside wildcards. */
const nagged: readonly Acknowledgement[] = [
  {
    rule: 'NIST.800.53.R5-IAMNoInlinePolicy',
    where: /Policy[0-9A-F]{8}$/,
    reason:
      'Each policy belongs to exactly one role and lives and dies with it; what all share, the boundary, is a managed policy.',
    until: YEARLY,
  },
  {
    rule: 'NIST.800.53.R5-LambdaConcurrency',
    where: /./,
    reason:
      'Reserving concurrency for each function would take it from the account and could throttle an emergency; Distributed Maps bound how many work at once.',
    until: HALF_YEARLY,
  },
  ...['NIST.800.53.R5-LambdaDLQ', 'Serverless-LambdaDLQ'].map((rule) => ({
    rule,
    where: /Function[0-9A-F]{8}$/,
    reason:
      'Machines call functions and wait for the answer, so a failure is caught in the machine; schedules call again a minute later, and alarms tell of both. A queue would hold calls nobody needs.',
    until: HALF_YEARLY,
  })),
  {
    rule: 'NIST.800.53.R5-LambdaInsideVPC',
    where: /Function[0-9A-F]{8}$/,
    reason:
      'Functions that reach targets stand in the network their policy names; core functions reach services of AWS only, by their signed public endpoints, and have no right at a target.',
    until: HALF_YEARLY,
  },
  {
    rule: 'NIST.800.53.R5-CloudWatchLogGroupEncrypted',
    where: /Log[0-9A-F]{8}$/,
    reason:
      'Logs hold ids, codes and sentences, never material or execution data; CloudWatch Logs encrypts them with a key of its own. A key of ours would be one more thing whose loss silences the functions.',
    until: HALF_YEARLY,
  },
  {
    rule: 'NIST.800.53.R5-S3DefaultEncryptionKMS',
    where: /Bucket\w*[0-9A-F]{8}$/,
    reason:
      'Objects are hashes, signed checkpoints, ids and access logs, encrypted by S3; a witness in another account reads the ledger without depending on a key that the ledger owner could disable, and S3 delivers access logs under its own keys only.',
    until: HALF_YEARLY,
  },
  {
    rule: 'NIST.800.53.R5-S3BucketReplicationEnabled',
    where: /Bucket\w*[0-9A-F]{8}$/,
    reason:
      'Versions cannot be deleted, and a witness in another account remembers what was sealed; where a second copy has to lie is for the organisation to say (docs/evidence-export.md).',
    until: HALF_YEARLY,
  },
  {
    rule: 'NIST.800.53.R5-SNSEncryptedKMS',
    where: /\/NoticesTopic/,
    reason:
      'Notices hold names and next steps and leave for chats and pagers; EventBridge cannot publish under the key AWS manages, and a key of ours would be one more thing whose loss keeps a page from arriving.',
    until: HALF_YEARLY,
  },
  {
    rule: 'Serverless-EventBusDLQ',
    where: /\/ConsoleStartsStarted/,
    reason:
      'The event is a copy: the API log keeps it for 90 days and longer in a trail. What is not delivered in two hours leaves the requester claimed, which gives nobody a right, and can be looked up by hand (docs/approvals.md).',
    until: HALF_YEARLY,
  },
  {
    rule: 'Serverless-EventBusDLQ',
    where: /\/NoticesNeedsPerson/,
    reason:
      'EventBridge delivers a notice for 24 hours; what it is about stays open in the registry, is tried again every minute, and raises an alarm at its deadline without any notice.',
    until: HALF_YEARLY,
  },
];

/** Everything acknowledged, by this walk and by cdk-nag; the tests fail on one that matches nothing or ran out. */
export const acknowledgements: readonly Acknowledgement[] = [
  ...patterns.flatMap(({ where, resource, use, reason, until }) => [
    { rule: 'wildcard-resource', where, what: new RegExp(`${resource.source} ${use.source}`), reason, until },
    { rule: 'AwsSolutions-IAM5', where, what: new RegExp(`^Resource::.*${resource.source}$`), reason, until },
  ]),
  ...walked,
  ...nagged,
];
