import { fixtures } from './fixtures';
import { reportText, type KitReport } from './report';
import { runKit } from './run';

const usage = 'usage: npm run kit [-- [--json] [kind]]';

/** `npm run kit`: runs the kit over all connectors, or one, and says what is left. Answers the exit code. */
export async function main(
  root: string,
  args: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  const flags = args.filter((each) => each.startsWith('-'));
  const kinds = args.filter((each) => !each.startsWith('-'));
  if (flags.some((flag) => flag !== '--json') || kinds.length > 1) {
    print(usage);
    return 2;
  }
  const report: KitReport = await runKit(await fixtures(root, kinds[0]));
  print(flags.includes('--json') ? JSON.stringify(report, null, 2) : reportText(report));
  return report.passed ? 0 : 1;
}
