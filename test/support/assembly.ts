import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { synthesise } from '../../apps/local/synth/synthesise';
import { compilePolicies } from '../../core/policy/document';
import { parsePolicy } from '../../core/policy/parse';
import { madeOnce } from './made-once';
import { machineOf, templateSchema, type MachineJson } from './template';

/** Any policy of each kind will do: templates depend on kinds and networks, not on single policies. */
const representative = {
  id: 'sample-db',
  kind: 'postgres-role',
  owner: 'team-test',
  secret: 'gapless/sample-db',
  target: {
    admin: 'gapless/sample-db/admin',
    control: 'gapless/sample-db/control',
    host: '127.0.0.1',
    database: 'sample',
    tls: { mode: 'disable' },
    roles: ['sample_app'],
  },
  rotation: { strategy: 'in-place', every: '30d' },
  revocation: { within: '5m', owner: 'team-test' },
};

/** The app's cloud assembly, synthesised once for all test files of a jest run. @returns its folder */
export async function sharedAssembly(): Promise<string> {
  const folder = await madeOnce('app', async (made) => {
    const policiesDir = path.join(made, 'policies');
    mkdirSync(policiesDir);
    writeFileSync(path.join(policiesDir, 'sample.yaml'), JSON.stringify(representative));
    for (const file of examplesOfOtherKinds())
      cpSync(path.join(examples, file), path.join(policiesDir, file));
    await synthesise({ policiesDir, outdir: path.join(made, 'assembly'), today: '2026-11-22' });
  });
  return path.join(folder, 'assembly');
}

const examples = path.join(__dirname, '..', '..', 'examples', 'policies');

/** Every kind has an example policy; its machines are synthesised with the others'. */
function examplesOfOtherKinds(): readonly string[] {
  return readdirSync(examples).filter(
    (file) => !readFileSync(path.join(examples, file), 'utf8').includes(`kind: ${representative.kind}`),
  );
}

type Machines = Readonly<
  Record<'Rotation' | 'Revocation' | 'BulkRevocation' | 'Sweep' | 'Settle', MachineJson>
>;

let read: Promise<Machines> | undefined;

/** The machines of the shared assembly, as memory tests deploy them. */
export async function sharedMachines(): Promise<Machines> {
  return (read ??= readMachines());
}

async function readMachines(): Promise<Machines> {
  const text = readFileSync(path.join(await sharedAssembly(), 'GaplessWorkflow.template.json'), 'utf8');
  const workflow = templateSchema.parse(JSON.parse(text));
  return {
    Rotation: machineOf(workflow, 'gapless-rotation'),
    Revocation: machineOf(workflow, 'gapless-revocation'),
    BulkRevocation: machineOf(workflow, 'gapless-bulk'),
    Sweep: machineOf(workflow, 'gapless-sweep'),
    Settle: machineOf(workflow, 'gapless-settle'),
  };
}

/** The shared assembly with other policies in its policies object, in a folder of its own. @returns the folder */
export async function assemblyWith(policies: readonly object[]): Promise<string> {
  const shared = await sharedAssembly();
  const folder = mkdtempSync(path.join(tmpdir(), 'gapless-assembly-'));
  const document = compilePolicies(policies.map((policy, index) => parsePolicy(policy, `policy ${index}`)));
  for (const entry of readdirSync(shared)) {
    const from = path.join(shared, entry);
    const to = path.join(folder, entry);
    if (entry.startsWith('asset.') && entry.endsWith('.json')) writeFileSync(to, JSON.stringify(document));
    else if (entry.startsWith('asset.')) symlinkSync(from, to);
    else if (entry.endsWith('.template.json'))
      writeFileSync(to, revised(readFileSync(from, 'utf8'), document.revision));
    else if (entry.endsWith('.json')) cpSync(from, to);
  }
  return folder;
}

/** A template whose functions are deployed with another revision of the policies. */
function revised(template: string, revision: string): string {
  return template.replaceAll(/("POLICIES_REVISION": ?)"[0-9a-f]+"/g, `$1"${revision}"`);
}
