import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod/mini';
import { buildApp, stackNames, type AppProps } from '../../lib/app';
import type { Descriptor } from '../../core/connector';

/** A template as CloudFormation reads it. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}

/** A state of a synthesised machine. */
export interface StateJson {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Arguments?: { readonly FunctionName: string; readonly Payload: Readonly<Record<string, unknown>> };
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly Retry?: readonly Readonly<Record<string, unknown>>[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
    readonly Assign?: Readonly<Record<string, unknown>>;
  }[];
  readonly Choices?: readonly {
    readonly Condition: string;
    readonly Next: string;
    readonly Assign?: Readonly<Record<string, unknown>>;
  }[];
  readonly [field: string]: unknown;
}

export interface MachineJson {
  readonly StartAt: string;
  readonly QueryLanguage: string;
  readonly Comment: string;
  readonly States: Readonly<Record<string, StateJson>>;
}

export interface Synthesised {
  readonly evidence: Template;
  readonly workflow: Template;
  readonly warnings: readonly string[];
}

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

/** Synthesises the app over stub functions. */
export function synthesise(
  files: Readonly<Record<string, unknown>>,
  props: Partial<AppProps> = {},
): Synthesised {
  const app = buildApp({
    policiesDir: policiesFolder(files),
    outdir: fs.mkdtempSync(path.join(root, 'out-')),
    today: TODAY,
    functionsDir: stubFunctions(),
    descriptors: [stubDescriptor],
    ...props,
  });
  const assembly = app.synth();
  const stack = (name: string): Template => assembly.getStackByName(name).template as Template;
  const warnings = assembly.stacks.flatMap(({ messages }) => messages).map(({ entry }) => String(entry.data));
  return { evidence: stack(stackNames.evidence), workflow: stack(stackNames.workflow), warnings };
}

function stubFunctions(): string {
  const dir = fs.mkdtempSync(path.join(root, 'functions-'));
  fs.mkdirSync(path.join(dir, 'generated'));
  const core = ['open', 'promote', 'close', 'sweep', 'settle', 'consumers'];
  for (const name of [...core, 'generated/stub-kind.mutator', 'generated/stub-kind.prober']) {
    fs.writeFileSync(path.join(dir, `${name}.ts`), `export const handler = async () => '${name}';\n`);
  }
  return dir;
}

/** All resources of a type. */
export function resourcesOf(template: Template, type: string): readonly Resource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}

/** A machine's definition; references stand as their logical ids. */
export function machineOf(template: Template, name: string): MachineJson {
  const machine = resourcesOf(template, 'AWS::StepFunctions::StateMachine').find(
    ({ Properties }) => Properties['StateMachineName'] === name,
  );
  if (machine === undefined) throw new Error(`no machine is called ${name}`);
  return JSON.parse(asText(machine.Properties['DefinitionString'])) as MachineJson;
}

const pseudo: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::AccountId': '000000000000',
};

/** A value with intrinsics as text; references become `<LogicalId>` or `<LogicalId.Attribute>`. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = value as Record<string, unknown>;
  const [joined, reference, attribute] = [intrinsic['Fn::Join'], intrinsic['Ref'], intrinsic['Fn::GetAtt']];
  if (Array.isArray(joined))
    return (joined[1] as unknown[]).map((part) => asText(part)).join(String(joined[0]));
  if (typeof reference === 'string') return pseudo[reference] ?? `<${reference}>`;
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (intrinsic['Fn::ImportValue'] !== undefined) return `<${asText(intrinsic['Fn::ImportValue'])}>`;
  if (typeof intrinsic['Fn::Sub'] === 'string') return intrinsic['Fn::Sub'];
  throw new Error(`cannot read ${JSON.stringify(value)} as text`);
}
