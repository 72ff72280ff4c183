import type { RunState } from '../../core/run/state';

const execution = {
  id: 'arn:aws:states:us-east-1:111111111111:execution:gapless-rotation:bench',
  name: 'bench',
  startTime: '2026-01-01T00:00:00Z',
  redriveCount: 0,
};

const run: RunState = {
  runId: 'bench',
  kind: 'rotation',
  identityId: 'orders-db',
  route: 'postgres-role/default',
  network: 'default',
  fence: 1,
  seq: 2,
  prev: '0'.repeat(64),
  proofSeq: 0,
  proofPrev: '0'.repeat(64),
  approval: 'never',
  overlapSeconds: 0,
  requestedAt: execution.startTime,
  actor: { type: 'schedule', id: 'bench', assurance: 'verified' },
  about: null,
  candidate: '11111111-1111-4111-8111-111111111111',
  superseded: '22222222-2222-4222-8222-222222222222',
  cut: null,
  cutFrom: null,
  confirmedAt: null,
  direction: null,
  notBefore: null,
  round: 1,
  reissue: null,
};

/** A stage of each function that state machines call. */
const stages: Readonly<Record<string, string>> = {
  open: 'Open',
  bulk: 'OpenBulk',
  approval: 'Approved',
  promote: 'Promote',
  close: 'Close',
  sweep: 'DueList',
  consumers: 'Distribute',
  mutator: 'Mint',
  prober: 'ProveNew',
};

/** What the executions of those that read it were started with. */
const inputs: Readonly<Record<string, object>> = {
  open: { identityId: 'orders-db', reason: 'a bench' },
  bulk: { select: { owner: 'a' }, reason: 'a bench' },
};

/** A question to each function that has an address. */
const requests: Readonly<
  Record<string, { readonly method: string; readonly rawPath: string; readonly body?: object }>
> = {
  query: { method: 'POST', rawPath: '/runs', body: { limit: 1 } },
  requests: { method: 'POST', rawPath: '/rotations', body: { identityId: 'orders-db', reason: 'a bench' } },
  decisions: { method: 'GET', rawPath: '/approvals' },
};

/** A start of an execution, as the account's API log tells `confirm` of it. */
function loggedStart(machineArn: string): object {
  const executionArn = `${machineArn.replace(':stateMachine:', ':execution:')}:bench`;
  const userIdentity = {
    type: 'IAMUser',
    principalId: 'AIDABENCH',
    arn: 'arn:aws:iam::111111111111:user/bench',
  };
  return {
    source: 'aws.states',
    'detail-type': 'AWS API Call via CloudTrail',
    detail: {
      eventSource: 'states.amazonaws.com',
      eventName: 'StartExecution',
      eventID: 'bench',
      eventTime: execution.startTime,
      userIdentity,
      responseElements: { executionArn },
    },
  };
}

/**
 * The first event of a function; one that its schedule starts gets nothing it would read.
 * @param environment the function's own
 */
export function firstEvent(role: string, environment: Readonly<Record<string, string>>): object {
  if (role === 'confirm') return loggedStart(environment['ROTATION_MACHINE'] ?? '');
  const request = requests[role];
  if (request) {
    const { method, rawPath, body = {} } = request;
    const iam = {
      accountId: '111111111111',
      userArn: 'arn:aws:sts::111111111111:assumed-role/bench/bench',
      userId: 'AROABENCH:bench',
      callerId: 'AROABENCH:bench',
    };
    const requestContext = { http: { method }, authorizer: { iam } };
    return { rawPath, requestContext, body: JSON.stringify(body) };
  }
  const stage = stages[role];
  return stage === undefined ? {} : { stage, execution, run, input: inputs[role] ?? {} };
}
