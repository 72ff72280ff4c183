import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fixtures } from '../../kit/fixtures';
import { runKit } from '../../kit/run';
import { scaffold } from '../../kit/scaffold';

const checkout = path.join(__dirname, '..', '..');
const kind = 'scaffold-trial';
let root: string;

// A checkout of its own: others read connectors/ while this test writes it.
beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'gapless-scaffold-'));
  fs.mkdirSync(path.join(root, 'connectors'));
  for (const shared of ['core', 'kit', 'node_modules', path.join('connectors', '_template')])
    fs.symlinkSync(path.join(checkout, shared), path.join(root, shared));
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

it('scaffolds a folder that loads, and whose kit lists everything that is left', async () => {
  expect(scaffold(root, kind)).toContain(`connectors/${kind}/kit/fixture.ts`);
  const [connector] = (await runKit(await fixtures(root, kind))).connectors;
  expect(connector).toMatchObject({ kind, passed: false });
  expect(connector?.cases.length).toBeGreaterThanOrEqual(30);
  expect(connector?.cases.every(({ passed }) => !passed)).toBe(true);
  expect(new Set(connector?.cases.map(({ got }) => got))).toEqual(
    new Set(['the fixture is not written yet. Nothing was changed']),
  );
});

it('writes nothing over a folder that exists, and nothing under a name that is no kind', () => {
  expect(() => scaffold(root, kind)).toThrow(/exists already\. Nothing was written/);
  expect(() => scaffold(root, '../elsewhere')).toThrow(/Nothing was written/);
});
