import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { App } from 'aws-cdk-lib';
import * as z from 'zod/mini';
import { buildApp, stackNames, type AppProps } from '../../lib/app';
import type { Descriptor } from '../../core/connector';
import { templateSchema, type Template } from './template';

export * from './template';

const synthesised = z.object({
  evidence: templateSchema,
  workflow: templateSchema,
  warnings: z.array(z.string()),
});
/** Both stacks, and what the synthesis warned of. */
export type Synthesised = Readonly<z.infer<typeof synthesised>>;

export const TODAY = '2026-11-22';

/** A kind that needs no client, for templates made without any connector's code. */
export const stubDescriptor: Descriptor = {
  kind: 'stub-kind',
  title: 'Stub',
  maturity: 'experimental',
  issueStyle: 'chosen',
  capabilities: ['rotate', 'suspend', 'revoke', 'list'],
  strategies: { alternating: { overlap: 'twoActive' } },
  sessions: 'none',
  derived: 'nothing',
  testedAgainst: { nature: 'contract double', what: 'nothing' },
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 20 },
  probeBudgetSeconds: 15,
  refusalSignals: ['refused'],
  rights: {},
  target: z.looseObject({ host: z.string() }),
};

/** A policy that has no gap; YAML is a superset of JSON. */
export const soundPolicy = {
  id: 'orders-db',
  kind: 'stub-kind',
  owner: 'payments',
  secret: 'gapless/orders-db',
  target: { admin: 'gapless/admin', control: 'gapless/control', host: 'db.internal' },
  rotation: { strategy: 'alternating', every: '30d' },
  revocation: { within: '1h', owner: 'payments' },
};

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'gapless-synth-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** Writes policy files into a folder of their own. */
export function policiesFolder(files: Readonly<Record<string, unknown>>): string {
  const dir = fs.mkdtempSync(path.join(root, 'policies-'));
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

/** The app over stub functions, before it is synthesised. */
export function stubbedApp(files: Readonly<Record<string, unknown>>, props: Partial<AppProps> = {}): App {
  const descriptors = props.descriptors ?? [stubDescriptor];
  return buildApp({
    policiesDir: policiesFolder(files),
    outdir: fs.mkdtempSync(path.join(root, 'out-')),
    today: TODAY,
    functionsDir: stubFunctions(descriptors.map(({ kind }) => kind)),
    ...props,
    descriptors,
  });
}

/** Synthesises the app over stub functions. */
export function synthesise(
  files: Readonly<Record<string, unknown>>,
  props: Partial<AppProps> = {},
): Synthesised {
  const assembly = stubbedApp(files, props).synth();
  const stack = (name: string): Template => templateSchema.parse(assembly.getStackByName(name).template);
  const warnings = assembly.stacks
    .flatMap(({ messages }) => messages)
    .map(({ entry }) => JSON.stringify(entry.data));
  return { evidence: stack(stackNames.evidence), workflow: stack(stackNames.workflow), warnings };
}

/**
 * The app of the sound policy, kept for all test files of a jest run: two that ask at once both synthesise it, and what
 * they write is the same.
 */
export function soundApp(): Synthesised {
  const kept = path.join(process.env['GAPLESS_TEST_ASSEMBLY'] ?? root, 'sound-app.json');
  if (fs.existsSync(kept)) return synthesised.parse(JSON.parse(fs.readFileSync(kept, 'utf8')));
  const made = synthesise({ 'orders.yaml': soundPolicy });
  const unfinished = path.join(root, 'sound-app.json');
  fs.writeFileSync(unfinished, JSON.stringify(made));
  fs.renameSync(unfinished, kept);
  return made;
}

function stubFunctions(kinds: readonly string[]): string {
  const dir = fs.mkdtempSync(path.join(root, 'functions-'));
  fs.mkdirSync(path.join(dir, 'generated'));
  const core = [
    'open',
    'bulk',
    'approval',
    'requests',
    'decisions',
    'query',
    'promote',
    'close',
    'sweep',
    'settle',
    'seal',
    'confirm',
    'consumers',
  ];
  const own = kinds.flatMap((kind) => ['mutator', 'prober'].map((role) => `generated/${kind}.${role}`));
  for (const name of [...core, ...own]) {
    fs.writeFileSync(path.join(dir, `${name}.ts`), `export const handler = async () => '${name}';\n`);
  }
  return dir;
}
