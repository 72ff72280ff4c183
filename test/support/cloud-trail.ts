/** Somebody, as an event of CloudTrail names them in `userIdentity`. */
export interface Caller {
  readonly type: 'AssumedRole' | 'IAMUser' | 'Root';
  readonly principalId: string;
  readonly arn: string;
  readonly userName?: string;
}

/** A start of an execution, as it is put into the event. */
export interface Started {
  readonly executionArn: string;
  readonly at: number;
  readonly by: Caller;
  readonly input: object | 'hidden';
}

/**
 * An event as EventBridge has it from CloudTrail. Its detail has the fields of the example for StartExecution in the Step
 * Functions developer guide (docs.aws.amazon.com/step-functions/latest/dg/procedure-cloud-trail.html), its envelope those
 * of "AWS service events delivered via AWS CloudTrail" in the EventBridge user guide.
 */
export function startLogged({ executionArn, at, by, input }: Started, eventID = 'event-1') {
  const [, , , , region, account, , machine = '', name = ''] = `arn:${executionArn}`.split(':');
  const stateMachineArn = executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]+$/, '');
  const eventTime = new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.states',
    account,
    time: eventTime,
    region,
    resources: [],
    detail: {
      eventVersion: '1.08',
      userIdentity: { ...by, accountId: account, accessKeyId: 'ASIAEXAMPLE' },
      eventTime,
      eventSource: 'states.amazonaws.com',
      eventName: 'StartExecution',
      awsRegion: region,
      sourceIPAddress: '192.0.2.1',
      userAgent: `console of ${machine}`,
      requestParameters: {
        input: input === 'hidden' ? 'HIDDEN_DUE_TO_SECURITY_REASONS' : JSON.stringify(input),
        stateMachineArn,
        name,
      },
      responseElements: { startDate: eventTime, executionArn },
      requestID: '264c6f08-9cac-11e6-aed5-5b57d226e9ef',
      eventID,
      eventType: 'AwsApiCall',
      recipientAccountId: account,
    },
  };
}

/** A role session. */
export function sessionOf(roleId: string, name: string): Caller {
  return {
    type: 'AssumedRole',
    principalId: `${roleId}:${name}`,
    arn: `arn:aws:sts::111111111111:assumed-role/${roleId.toLowerCase()}/${name}`,
  };
}
