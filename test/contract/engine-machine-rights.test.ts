import * as z from 'zod/mini';
import { openCloud, type TestCloud } from '../support/engine-cloud';
import { writeAssembly } from '../support/engine-assembly';

// The role of these machines may invoke one function and nothing else.
const machine = (state: Record<string, unknown>) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
    DefinitionString: JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Only',
      States: { Only: { ...state, End: true } },
    }),
    DefinitionSubstitutions: {
      Machine: { Ref: 'Machine' },
      Objects: { 'Fn::ImportValue': 'Bucket' },
    },
  },
});

const starts = machine({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution',
  Arguments: { StateMachineArn: '${Machine}', Input: { name: 'nested' } },
});
const lists = machine({
  Type: 'Map',
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    Arguments: { Bucket: '${Objects}', Key: 'due.json' },
    ReaderConfig: { InputType: 'JSON' },
  },
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    StartAt: 'Item',
    States: { Item: { Type: 'Pass', End: true } },
  },
});

const Machines = z.object({
  stateMachines: z.array(z.object({ name: z.string(), stateMachineArn: z.string() })),
});

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openCloud({ assembly: writeAssembly({ extra: { Starts: starts, Lists: lists } }) });
});
afterAll(() => cloud.remove());

async function run(logicalId: string): Promise<Record<string, unknown>> {
  const { states } = cloud.engine;
  const { stateMachines } = Machines.parse(await states.handle('ListStateMachines', {}));
  const found = stateMachines.find(({ name }) => name.startsWith(`Work-${logicalId}-`));
  const started = await states.handle('StartExecution', { stateMachineArn: found?.stateMachineArn });
  return states.finished(String(started['executionArn']));
}

describe('a machine acts as its role', () => {
  test.each([
    { does: 'starts another machine', id: 'Starts', error: 'StepFunctions.AccessDeniedException' },
    { does: 'reads a list from S3', id: 'Lists', error: 'States.ItemReaderFailed' },
  ])('and is refused when it $does without the right to', async ({ id, error }) => {
    const ended = await run(id);
    expect(ended).toMatchObject({ status: 'FAILED', error });
    expect(ended['cause']).toMatch(/is not authorized to perform: (states:StartExecution|s3:GetObject)/);
  });
});
