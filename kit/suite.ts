import { derived } from './cases/derived';
import { failing } from './cases/failing';
import { foreign } from './cases/foreign';
import { gateway } from './cases/gateway';
import { isolating } from './cases/isolating';
import { making } from './cases/making';
import { removing } from './cases/removing';
import { sessions } from './cases/sessions';
import { controls, verdictCaseName, verdicts } from './cases/verdicts';
import { absences, type Bench, type Fixture } from './fixture';
import type { KitCase } from './scene';
import { verdictCaseNames } from './verdict-cases';

/** Every case there is, in the order it is run and reported. */
export const suite: readonly KitCase[] = [
  ...verdicts,
  ...controls,
  ...making,
  ...removing,
  ...foreign,
  ...failing,
  ...sessions,
  ...derived,
  ...isolating,
  ...gateway,
];

export interface CaseResult {
  readonly name: string;
  readonly expected: string;
  readonly got: string;
  readonly passed: boolean;
}

/** Verdict cases a fixture declares absent, with the reason in words. */
export function absentCases(bench: Bench): readonly { readonly name: string; readonly reason: string }[] {
  return verdictCaseNames.flatMap((name) => {
    const arrange = bench.verdicts[name];
    return typeof arrange === 'function'
      ? []
      : [{ name: verdictCaseName(name), reason: absences[arrange.absent] }];
  });
}

/** The cases that apply to a connector on its bench. */
export function casesFor({ connector }: Pick<Fixture, 'connector'>, bench: Bench): readonly KitCase[] {
  const absent = absentCases(bench).map(({ name }) => name);
  return suite.filter(
    ({ name, appliesTo }) => !absent.includes(name) && appliesTo(connector.descriptor) === 'yes',
  );
}

/** Runs one case on an identity made for it. An error is an answer too: it is never the one that was expected. */
export async function runCase(
  { connector }: Pick<Fixture, 'connector'>,
  bench: Bench,
  known: KitCase,
): Promise<CaseResult> {
  const got = await bench
    .given()
    .then(async (given) => known.run({ connector, bench, given }))
    .catch((error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'an error'));
  const { name, expected } = known;
  return { name, expected, got: got.slice(0, 300), passed: got === expected };
}
