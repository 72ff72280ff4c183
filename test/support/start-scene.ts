import * as z from 'zod/mini';
import { launch, projectFolder, removeProject, type Ended } from './cli';

const run = z.object({
  runId: z.string(),
  kind: z.string(),
  identity: z.string(),
  strategy: z.string(),
  outcome: z.string(),
  proofLevel: z.string(),
  stages: z.array(z.object({ name: z.string(), verdict: z.optional(z.string()), ms: z.number() })),
  exposureSeconds: z.nullable(z.number()),
  gapSeconds: z.nullable(z.number()),
  consumerFailures: z.nullable(z.number()),
  transitions: z.number(),
  evidenceWrites: z.number(),
  secretWrites: z.number(),
  causeCode: z.nullable(z.string()),
  deadline: z.optional(
    z.object({
      withinSeconds: z.number(),
      tookSeconds: z.nullable(z.number()),
      kept: z.nullable(z.boolean()),
    }),
  ),
  sessions: z.optional(z.object({ before: z.nullable(z.number()), after: z.nullable(z.number()) })),
  lastAcceptedAt: z.optional(z.nullable(z.string())),
  firstRefusedAt: z.optional(z.nullable(z.string())),
});
const shown = z.object({
  schemaVersion: z.literal(1),
  engine: z.object({ kind: z.string() }),
  runs: z.array(run),
  chain: z.object({ verified: z.boolean(), records: z.number() }),
  ledger: z.object({
    size: z.number(),
    sealed: z.number(),
    unsealed: z.number(),
    verified: z.boolean(),
    bundle: z.string(),
  }),
  attacker: z.object({
    sessions: z.number(),
    nextStatements: z.record(z.string(), z.number()),
    nextLogin: z.string(),
    logins: z.object({ accepted: z.number(), refused: z.number() }),
  }),
  break: z.optional(
    z.object({ nextStep: z.string(), liveLogin: z.object({ state: z.string(), role: z.string() }) }),
  ),
});
/** What `npm start -- --once --json` prints. */
export type Shown = z.infer<typeof shown>;

/** One start of the demo in a folder of its own, and how it ended. */
export interface Started {
  readonly folder: string;
  readonly ended: Ended;
  readonly shown: Shown;
}

/** Runs `npm start -- --once --json` with these flags to its end. @throws Error with what it wrote when it shows nothing */
export async function startOnce(...flags: readonly string[]): Promise<Started> {
  const folder = projectFolder();
  const ended = await launch('start.js', ['--once', '--json', ...flags], folder).ended;
  if (ended.stdout === '') {
    await removeProject(folder);
    throw new Error(ended.stderr);
  }
  return { folder, ended, shown: shown.parse(JSON.parse(ended.stdout)) };
}

export const stagesOf = ({ stages }: Shown['runs'][number]) => stages.map(({ name }) => name);
export const rotationsOf = ({ runs }: Shown) => runs.filter(({ kind }) => kind === 'rotation');
export const revocationOf = ({ runs }: Shown) => runs.find(({ kind }) => kind === 'revocation');

/** What an emergency of the demo ends as, whatever the demo shows besides. */
export const endedEmergency = {
  identity: 'reports-db',
  outcome: 'verified',
  proofLevel: 'L4',
  deadline: { withinSeconds: 300, tookSeconds: expect.any(Number), kept: true },
  sessions: { after: 0 },
  firstRefusedAt: expect.any(String),
  transitions: 7,
  secretWrites: 0,
  causeCode: null,
};

/** Sees that nothing the attacker has works any more, as the attacker itself reports. */
export function expectAttackerOut({ attacker }: Shown): void {
  expect(attacker).toMatchObject({ sessions: 20, nextStatements: { '57P01': 20 }, nextLogin: '28P01' });
  expect(attacker.logins.accepted).toBeGreaterThan(0);
}
