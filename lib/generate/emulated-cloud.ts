import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { page, table } from './markdown';
import type { Generated } from './sources';

/** Where what the emulator lacks is written down, and what pins the emulator. */
const LACKS = 'test/cloud/lacks.yaml';
const PINS = 'test/cloud/requirements.txt';

const difference = z.strictObject({
  service: z.string(),
  is: z.string(),
  aws: z.string(),
  so: z.union([
    /** Resources of the templates that are not deployed, by the name they would have. */
    z.strictObject({ leaveOut: z.array(z.string()).check(z.minLength(1)) }),
    /** A function of test/cloud/mend.py that makes the emulator answer as AWS does. */
    z.strictObject({ correct: z.string() }),
    /** What the tests do otherwise than a user of AWS would, or what else shows the claim. */
    z.strictObject({ instead: z.string() }),
  ]),
});

/** One way in which the emulator of `npm run test:cloud` is not AWS, and what is done about it. */
export type Difference = z.infer<typeof difference>;

/** Every known difference, in the order of the file. @throws when the file does not have its form */
export function emulatorDifferences(root: string): readonly Difference[] {
  return z.array(difference).parse(parse(fs.readFileSync(path.join(root, LACKS), 'utf8')));
}

/** The table of differences. */
export function emulatedCloudDoc(root: string): Generated {
  const version = /^ministack==(\S+)/m.exec(fs.readFileSync(path.join(root, PINS), 'utf8'))?.[1];
  const rows = emulatorDifferences(root).map(({ service, is, aws, so }) => [service, is, aws, done(so)]);
  const text = page('The emulated cloud is not AWS', [
    `\`npm run test:cloud\` deploys the app by the CDK command line to MiniStack ${version} and lets it rotate and revoke there. ` +
      'IAM policies are enforced, over TLS. This is every known difference that matters to the app; nothing else is left out or corrected, and no test is skipped.',
    table(['service', 'the emulator', 'AWS', 'so'], rows),
  ]);
  return { file: 'docs/generated/emulated-cloud.md', text };
}

function done(so: Difference['so']): string {
  if ('leaveOut' in so) return `not deployed: ${so.leaveOut.map((name) => `\`${name}\``).join(', ')}`;
  if ('correct' in so) return `corrected in the emulator: \`${so.correct}\` of test/cloud/mend.py`;
  return so.instead;
}
