import { join } from 'node:path';
import { publish } from '../../apps/cli/connection';
import { deploymentOf } from '../../apps/cli/deployment';
import { stackNames } from '../../lib/app';
import { gapless, projectFolder, removeProject } from '../support/cli';
import { consoleExamples, printed } from '../support/console-examples';
import { gaplessCloud, type GaplessCloud } from '../support/gapless-cloud';
import { writeQuarter } from '../support/quarter';
import { unreachedPolicy } from '../support/unreached-policy';

const examples = consoleExamples(join(__dirname, '../../docs/questions.md'));
const unreached = (id: string) => ({
  id,
  secret: `gapless/${id}`,
  database: 'orders',
  roles: ['orders_app'],
  policy: unreachedPolicy(id),
  secrets: {},
});

let cloud: GaplessCloud;
let folder: string;
let ledgerId: string;
beforeAll(async () => {
  cloud = await gaplessCloud(['orders-db', 'reports-db'].map(unreached));
  await writeQuarter(cloud);
  folder = projectFolder();
  ledgerId = cloud.engine.outputs('GaplessWorkflow')['LedgerId'] ?? '';
  publish(folder, deploymentOf(cloud.engine, stackNames));
}, 600_000);
afterAll(async () => {
  await cloud.remove();
  await removeProject(folder);
});

async function ask(args: readonly string[]) {
  const { code, stdout, stderr } = await gapless(
    args.map((arg) => (arg === '<ledger id>' ? ledgerId : arg)),
    folder,
  );
  const lines = `${stdout}${stderr}`.replaceAll(ledgerId, '<ledger id>').trimEnd().split('\n');
  return { code, lines };
}

describe('docs/questions.md', () => {
  it('has an example of every question', () => {
    expect(examples.length).toBeGreaterThanOrEqual(10);
  });

  it.each(examples)(
    'gapless $args prints what the page says',
    async ({ args, prints, code }) => {
      const answer = await ask(args);
      expect({ lines: answer.lines.length, code: answer.code, all: answer.lines }).toEqual({
        lines: prints.length,
        code,
        all: prints.map((line, at) => {
          const found = answer.lines[at] ?? '';
          return printed(found, line) ? found : line;
        }),
      });
    },
    120_000,
  );
});
