/** How Step Functions names the answer to a name that was used before: what it names was started already. */
export const ALREADY = 'StepFunctions.ExecutionAlreadyExistsException';

/** Passing trouble of StartExecution itself. `States.TaskFailed` would match an execution that ended red, too. */
const NOT_STARTED = [
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.AWSStepFunctionsException',
  'StepFunctions.SdkClientException',
];

/**
 * Retry of a state that starts an execution under a name of its own: what was started is not started again, and passing
 * trouble is over within half a minute (1 + 2 + 4 + 8 + 16 s).
 */
export const startRetry = [
  { ErrorEquals: [ALREADY], MaxAttempts: 0 },
  { ErrorEquals: NOT_STARTED, IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 5, JitterStrategy: 'FULL' },
] as const;
