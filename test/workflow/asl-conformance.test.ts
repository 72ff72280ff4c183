import { DefinitionError } from '../../apps/local/asl/errors';
import { eventDifference, loadAslCases, sameValue, type AslCase } from '../support/asl-cases';
import { eventNames, runCase } from '../support/states-double';

const MOST_REFUSED = 10;

const loaded = loadAslCases();
const cases = 'cases' in loaded ? loaded.cases : [];
const title = ({ name }: AslCase): string => name.split('::').at(-1) ?? name;
const jsonata = cases
  .filter(({ queryLanguage }) => queryLanguage === 'JSONata')
  .map((each) => [title(each), each] as const);
const others = cases
  .filter(({ queryLanguage }) => queryLanguage !== 'JSONata')
  .map((each) => [title(each), each] as const);

const refused: string[] = [];
const causes: string[] = [];

function compareCause(
  { cause, causeJson }: AslCase['expected'],
  actual: string | undefined,
): string | undefined {
  const same =
    causeJson === undefined
      ? cause === null || actual === cause
      : actual !== undefined && sameValue(JSON.parse(actual), causeJson);
  return same ? undefined : `got ${actual}, recorded ${cause ?? JSON.stringify(causeJson)}`;
}

if ('missing' in loaded) {
  describe('recorded histories of Step Functions', () => {
    it(`is not compared: ${loaded.missing}`, () => expect(loaded.missing).toBeTruthy());
  });
} else {
  describe('recorded histories of Step Functions', () => {
    it.each(jsonata)('%s runs as on AWS', async (name, recorded) => {
      const run = await runCase(recorded).catch((failure: unknown) => {
        if (failure instanceof DefinitionError) return failure;
        throw failure;
      });
      if (run instanceof DefinitionError) {
        refused.push(`${name}: ${run.message}`);
        return;
      }
      const { expected } = recorded;
      expect(run.status).toBe(expected.status);
      expect(run.error ?? null).toBe(expected.error);
      const output: unknown = run.output === undefined ? null : JSON.parse(run.output);
      expect(sameValue(output, expected.output) ? expected.output : output).toEqual(expected.output);
      expect(eventDifference(eventNames(run.history), expected)).toBeUndefined();
      const cause = expected.causeMasked ? undefined : compareCause(expected, run.cause);
      if (cause) causes.push(`${name}: ${cause}`);
    });

    it(`refuses at most ${MOST_REFUSED} JSONata cases, each by the name of a feature`, () => {
      console.log([`${refused.length} of ${jsonata.length} JSONata cases refused`, ...refused].join('\n'));
      console.log([`${causes.length} causes worded differently`, ...causes].join('\n'));
      expect(refused.length).toBeLessThanOrEqual(MOST_REFUSED);
    });

    it.each(others)('%s is refused, because it uses JSONPath', async (_, recorded) => {
      await expect(runCase(recorded)).rejects.toMatchObject({
        name: 'DefinitionError',
        feature: 'JSONPath',
      });
    });
  });
}
