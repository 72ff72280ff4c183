import path from 'node:path';
import { fixtures } from '../../kit/fixtures';
import type { KitReport } from '../../kit/report';
import { runKit } from '../../kit/run';

const root = path.join(__dirname, '..', '..');
const RUN_MS = 300_000;

let report: KitReport;
beforeAll(async () => {
  report = await runKit(await fixtures(root));
}, RUN_MS);

it('every connector passes every case that applies to it, on its server', () => {
  const failed = report.connectors.flatMap(({ kind, cases }) =>
    cases.filter(({ passed }) => !passed).map(({ name, expected, got }) => ({ kind, name, expected, got })),
  );
  expect(failed).toEqual([]);
});

it('every known-bad connector is caught by the case that knows its mistake', () => {
  expect(report.badConnectors.filter(({ caughtBy }) => caughtBy === null)).toEqual([]);
  expect(report.badConnectors.length).toBeGreaterThanOrEqual(12);
});

it('says in its report what a reader in a script wants to know', () => {
  const { schemaVersion, connectors, passed } = report;
  expect({ schemaVersion, passed }).toEqual({ schemaVersion: 1, passed: true });
  expect(connectors.map(({ kind }) => kind)).toContain('postgres-role');
});
