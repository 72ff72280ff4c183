import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { runs } from '../local/data-folder';
import { Exit } from './exit';

const urls = z.object({ requests: z.string(), decisions: z.string(), query: z.string() });
const localFile = z.object({
  pid: z.number(),
  endpoint: z.url(),
  region: z.string(),
  credentials: z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    sessionToken: z.optional(z.string()),
  }),
  evidenceTable: z.string(),
  registryTable: z.string(),
  rotationMachine: z.string(),
  revocationMachine: z.string(),
  bulkMachine: z.string(),
  settleMachine: z.string(),
  ledger: z.object({ id: z.string(), bucket: z.string(), signingKey: z.string() }),
  urls,
  /** Roles of people; a command takes one under the name it is told. */
  roles: z.object({ requests: z.string(), decisions: z.string(), query: z.string() }),
});
/** What a running local engine leaves for other commands. The keys in it open that engine only, and end with it. */
export type LocalEngine = z.infer<typeof localFile>;

/** Where the app runs and how to reach it. */
export interface Connection {
  readonly where: 'local' | 'aws';
  /** What SDK clients are made with; empty on AWS, where the SDK's own chain finds region and credentials. */
  readonly client: Partial<Pick<LocalEngine, 'endpoint' | 'region' | 'credentials'>>;
  readonly evidenceTable: string;
  readonly registryTable: string;
  /** Absent where it was not named; then it cannot be started. */
  readonly rotationMachine: string | undefined;
  readonly revocationMachine: string | undefined;
  readonly bulkMachine: string | undefined;
  /** Where the sealed ledger is, and what it is called; on AWS what was named. */
  readonly ledger: Readonly<Record<keyof LocalEngine['ledger'], string | undefined>>;
  /** The API's URLs; on AWS those that were named. */
  readonly urls: Readonly<Record<keyof LocalEngine['urls'], string | undefined>>;
  /** Roles that commands take by themselves; on AWS people come with a role's session. */
  readonly roles: LocalEngine['roles'] | undefined;
}

const FILE = path.join('.gapless', 'local.json');
const VARIABLES = [
  'GAPLESS_EVIDENCE_TABLE',
  'GAPLESS_REGISTRY_TABLE',
  'GAPLESS_ROTATION_MACHINE',
  'GAPLESS_REVOCATION_MACHINE',
  'GAPLESS_BULK_MACHINE',
] as const;

/** The file through which a local engine is found, in the project folder. */
export function localFileOf(folder: string): string {
  return path.join(folder, FILE);
}

/** Lets other commands find this engine. The file is for its owner only, and replaced as a whole. */
export function publish(folder: string, engine: LocalEngine): void {
  const file = localFileOf(folder);
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(engine, undefined, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

/** Takes the file away again, if it is still this process's own. */
export function withdraw(folder: string): void {
  const there = readLocal(folder);
  if (there?.pid === process.pid) fs.rmSync(localFileOf(folder), { force: true });
}

/** The engine that runs in this folder; undefined when none does. */
export function readLocal(folder: string): LocalEngine | undefined {
  try {
    const found = localFile.parse(JSON.parse(fs.readFileSync(localFileOf(folder), 'utf8')));
    return runs(found.pid) ? found : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds the deployment: the environment first, then the engine of this folder.
 * @throws Exit usage when there is neither, naming what to start or set
 */
export function connect(folder: string, env: Readonly<Record<string, string | undefined>>): Connection {
  const [evidence, registry, rotation, revocation, bulk] = VARIABLES.map((name) => env[name] || undefined);
  if (evidence !== undefined && registry !== undefined) {
    return {
      where: 'aws',
      client: {},
      evidenceTable: evidence,
      registryTable: registry,
      rotationMachine: rotation,
      revocationMachine: revocation,
      bulkMachine: bulk,
      ledger: {
        id: env['GAPLESS_LEDGER_ID'],
        bucket: env['GAPLESS_SEALED_BUCKET'],
        signingKey: env['GAPLESS_SIGNING_KEY'],
      },
      urls: {
        requests: env['GAPLESS_REQUESTS_URL'],
        decisions: env['GAPLESS_DECISIONS_URL'],
        query: env['GAPLESS_QUERY_URL'],
      },
      roles: undefined,
    };
  }
  if (evidence !== undefined || registry !== undefined) {
    throw new Exit(
      'usage',
      `Of GAPLESS_EVIDENCE_TABLE and GAPLESS_REGISTRY_TABLE only one is set; want both or none. Nothing was changed. They are outputs of the stack GaplessEvidence.`,
    );
  }
  const local = readLocal(folder);
  if (local) return { where: 'local', client: clientOf(local), ...local };
  throw new Exit(
    'usage',
    `No engine runs in ${folder} (${FILE} names none), and ${VARIABLES.join(', ')} are not set. Nothing was changed. Start one here: npx gapless up (your policies) or npm start (the demo). For AWS, set the variables to the outputs of the stacks GaplessEvidence and GaplessWorkflow.`,
  );
}

function clientOf({ endpoint, region, credentials }: LocalEngine): Connection['client'] {
  return { endpoint, region, credentials };
}
