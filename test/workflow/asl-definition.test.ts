import { parseDefinition } from '../../apps/local/asl/definition';
import { DefinitionError } from '../../apps/local/asl/errors';
import { isSupportedResource } from '../../apps/local/services/task-integrations';

function refusal(state: Record<string, unknown>): unknown {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'First',
    States: { First: { End: true, ...state } },
  };
  try {
    return parseDefinition(JSON.stringify(definition), isSupportedResource);
  } catch (failure) {
    return failure;
  }
}

const processor = { StartAt: 'Item', States: { Item: { Type: 'Pass', End: true } } };

describe('a definition', () => {
  it.each([
    { case: 'a JSONPath state', state: { Type: 'Pass', QueryLanguage: 'JSONPath' }, feature: 'JSONPath' },
    { case: 'a JSONPath field', state: { Type: 'Pass', InputPath: '$.a' }, feature: 'InputPath' },
    { case: 'an unknown state type', state: { Type: 'Loop' }, feature: 'Type' },
    {
      case: 'a foreign integration',
      state: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage' },
      feature: 'Resource arn:aws:states:::sqs:sendMessage',
    },
    {
      case: 'credentials',
      state: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Credentials: {} },
      feature: 'Credentials',
    },
    {
      case: 'a batcher',
      state: { Type: 'Map', ItemProcessor: processor, ItemBatcher: {} },
      feature: 'ItemBatcher',
    },
    {
      case: 'a result writer',
      state: { Type: 'Map', ItemProcessor: processor, ResultWriter: {} },
      feature: 'ResultWriter',
    },
  ])('with $case is refused as unsupported, by its name', ({ state, feature }) => {
    const failure = refusal(state);
    expect(failure).toBeInstanceOf(DefinitionError);
    expect(failure).toMatchObject({ feature, path: ['First'] });
    expect(String(failure)).toMatch(/state 'First'.*Nothing was created/);
  });
});
