import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import * as z from 'zod/mini';
import { synthesise } from '../../apps/local/synth/synthesise';
import { bundlingFunctions } from '../../lib/bundles';

const root = path.join(__dirname, '..', '..');

/** A Lambda function as the synthesised app deploys it. */
export interface Deployed {
  /** Its entry below lambdas/functions, without `.ts`. */
  readonly name: string;
  /** Path of the entry. */
  readonly entry: string;
  readonly role: string;
  /** `index.js` of its asset. */
  readonly code: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What is in the code, and how many bytes of it. */
  readonly inputs: Inputs;
}

type Inputs = Metafile['outputs'][string]['inputs'];

const template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.optional(z.unknown()) })),
});
const lambda = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

/**
 * Synthesises the app with one policy of every kind and a witness, and finds the entry of each function's asset: the one
 * that gives the same bytes when it is built here.
 * @throws Error when an asset is not what the sources give
 */
export async function deployedFunctions(outdir: string, today: string): Promise<readonly Deployed[]> {
  const policiesDir = path.join(root, 'examples', 'policies');
  const witness = { origin: 'gapless/bench', publicKey: anyKey(), bucket: 'the-ledger' };
  const { directory } = await synthesise({ policiesDir, outdir, today, witness });
  const built = builtEntries();
  const templates = readdirSync(directory).filter((file) => file.endsWith('.template.json'));
  const functions = templates.flatMap((file) => lambdasOf(path.join(directory, file)));
  return functions.map(({ Code, Environment: { Variables } }) => {
    const code = path.join(directory, `asset.${Code.S3Key.replace(/\.zip$/, '')}`, 'index.js');
    const found = built.get(sha256(readFileSync(code)));
    if (!found) throw new Error(`${code} is not what any entry of lambdas/functions gives; nothing measured`);
    const role = String(Variables['GAPLESS_ROLE']);
    return { ...found, role, code, environment: plain(Variables) };
  });
}

function lambdasOf(file: string): readonly z.infer<typeof lambda>[] {
  const { Resources } = template.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => lambda.parse(Properties));
}

function builtEntries(): ReadonlyMap<string, Pick<Deployed, 'name' | 'entry' | 'inputs'>> {
  const folder = path.join(root, 'lambdas', 'functions');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''));
  return new Map(
    names.map((name) => {
      const entry = path.join(folder, `${name}.ts`);
      const { outputFiles, metafile } = buildSync({
        ...bundlingFunctions(),
        entryPoints: [entry],
        write: false,
        metafile: true,
        absWorkingDir: root,
      });
      const [output] = Object.values(metafile.outputs);
      return [
        sha256(outputFiles[0]?.contents ?? new Uint8Array()),
        { name, entry, inputs: output?.inputs ?? {} },
      ];
    }),
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Names that CloudFormation fills in stay names of nothing. */
function plain(variables: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : 'unnamed']),
  );
}

function anyKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
