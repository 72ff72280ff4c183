import { commonMistakes } from './common-mistakes';
import type { Bench, Fixture } from './fixture';
import type { Mistake } from './mistake';
import {
  LEAST_VERDICTS,
  SCHEMA_VERSION,
  type BadReport,
  type ConnectorReport,
  type KitReport,
} from './report';
import { absentCases, casesFor, runCase, suite, type CaseResult } from './suite';

/** Runs every case over every connector on its server, then every known-bad connector against the case that knows it. */
export async function runKit(fixtures: readonly Fixture[]): Promise<KitReport> {
  const connectors: ConnectorReport[] = [];
  const bad: BadReport[] = [];
  for (const fixture of fixtures) {
    const started = await start(fixture);
    if ('failed' in started) {
      connectors.push(nothingRan(fixture, started.failed));
      continue;
    }
    try {
      connectors.push(await runConnector(fixture, started.bench));
      for (const each of [...commonMistakes, ...(fixture.mistakes ?? [])])
        bad.push(await runBad(each, fixture, started.bench));
    } finally {
      await started.bench.stop();
    }
  }
  const passed = connectors.every((each) => each.passed) && bad.every(({ caughtBy }) => caughtBy !== null);
  return { schemaVersion: SCHEMA_VERSION, connectors, badConnectors: bad, passed };
}

async function start(fixture: Fixture): Promise<{ readonly bench: Bench } | { readonly failed: string }> {
  try {
    return { bench: await fixture.start() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : 'the server did not start' };
  }
}

async function runConnector(fixture: Fixture, bench: Bench): Promise<ConnectorReport> {
  const { kind, testedAgainst } = fixture.connector.descriptor;
  const cases: CaseResult[] = [];
  for (const each of casesFor(fixture, bench)) cases.push(await runCase(fixture, bench, each));
  const verdicts = cases.filter(({ name }) => name.startsWith('verdict of ')).length;
  cases.push({
    name: 'the verdict table has been looked at closely',
    expected: `at least ${LEAST_VERDICTS} cases`,
    got: verdicts >= LEAST_VERDICTS ? `at least ${LEAST_VERDICTS} cases` : `${verdicts} cases`,
    passed: verdicts >= LEAST_VERDICTS,
  });
  const passed = cases.every((each) => each.passed);
  return { kind, testedAgainst, cases, notApplicable: absentCases(bench), passed };
}

/** A connector whose server does not start has everything left to do. */
function nothingRan({ connector }: Fixture, got: string): ConnectorReport {
  const { descriptor } = connector;
  const left = suite.filter(({ appliesTo }) => appliesTo(descriptor) === 'yes');
  const cases = left.map(({ name, expected }) => ({ name, expected, got, passed: false }));
  const { kind, testedAgainst } = descriptor;
  return { kind, testedAgainst, cases, notApplicable: [], passed: false };
}

/** A bad connector is caught when the case that knows its mistake fails on it; that case passes on the good one. */
async function runBad(mistake: Mistake, fixture: Fixture, bench: Bench): Promise<BadReport> {
  const { name, make } = mistake;
  const { kind } = fixture.connector.descriptor;
  const known = casesFor(fixture, bench).find((each) => each.name.startsWith(mistake.caughtBy));
  if (!known) return { name, kind, caughtBy: null, got: `there is no case called ${mistake.caughtBy}` };
  const result = await runCase({ connector: make(fixture.connector) }, bench, known);
  return { name, kind, caughtBy: result.passed ? null : known.name, got: result.got };
}
