import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { Descriptor } from '../core/connector';
import { compilePolicies, type PolicyDocument } from '../core/policy/document';
import { designGaps, type DesignGap } from '../core/policy/gaps';
import { parsePolicy } from '../core/policy/parse';
import type { Policy } from '../core/policy/schema';
import type { Networks } from './context';

export interface PolicySource {
  readonly dir: string;
  readonly descriptors: readonly Descriptor[];
  readonly networks: Networks;
  /** ISO date; exceptions run out on their day. */
  readonly today: string;
}

/** Policies that may be deployed. */
export interface LoadedPolicies {
  readonly document: PolicyDocument;
  /** One sentence per design gap that an unexpired exception lets through. */
  readonly warnings: readonly string[];
  /** Which functions are needed: each pair of connector kind and network once, in order. */
  readonly routes: readonly Route[];
}

/** A connector kind on a network; written `<kind>/<network>` it is the route a run carries. */
export interface Route {
  readonly kind: string;
  readonly network: string;
}

interface PolicyFile {
  readonly file: string;
  readonly policy: Policy;
}

/** A gap with the file it is in, and a sentence that says the way out. */
export type LocatedGap = Pick<DesignGap, 'gap' | 'field' | 'state'> & { readonly line: string };

/** A policy that could be parsed, and what it asks for that cannot be done. */
export interface SurveyedPolicy extends PolicyFile {
  readonly gaps: readonly LocatedGap[];
}

/** Everything there is to say about a folder of policies. `complaints`: files that cannot be parsed, ids used twice. */
export interface Survey {
  readonly policies: readonly SurveyedPolicy[];
  readonly complaints: readonly string[];
}

/**
 * Reads every `*.yaml` and `*.yml` of a folder and compares each policy with its connector.
 * @throws Error when there is no such folder
 */
export function surveyPolicies(source: PolicySource): Survey {
  const { files, complaints } = readFiles(source.dir);
  const policies = files.map((file) => ({ ...file, gaps: gapsOf(file, source) }));
  return { policies, complaints: [...complaints, ...shared(files, 'id'), ...shared(files, 'secret')] };
}

/**
 * The policies of a folder, ready to be deployed.
 * @throws Error listing every file that cannot be parsed, every id used twice and every open design gap
 */
export function loadPolicies(source: PolicySource): LoadedPolicies {
  const { policies: surveyed, complaints } = surveyPolicies(source);
  const gaps = surveyed.flatMap((policy) => policy.gaps);
  const stops = [...complaints, ...gaps.filter((gap) => gap.state === 'open').map((gap) => gap.line)];
  if (stops.length > 0)
    throw new Error(`Policies cannot be deployed:\n${stops.map((line) => `  - ${line}`).join('\n')}`);
  const policies = surveyed.map(({ policy }) => policy);
  return {
    document: compilePolicies(policies),
    warnings: gaps.map((gap) => gap.line),
    routes: routesOf(policies),
  };
}

function readFiles(dir: string): { files: readonly PolicyFile[]; complaints: readonly string[] } {
  if (!fs.existsSync(dir)) {
    throw new Error(
      `The policies folder ${dir} does not exist. Nothing was synthesised. Create it, or name another: cdk synth -c policies=<folder>`,
    );
  }
  const files: PolicyFile[] = [];
  const complaints: string[] = [];
  const names = fs.readdirSync(dir).filter((name) => /\.ya?ml$/.test(name));
  for (const name of names.toSorted()) {
    try {
      files.push({ file: name, policy: parsePolicy(documentOf(path.join(dir, name), name), name) });
    } catch (failure) {
      complaints.push(messageOf(failure));
    }
  }
  return { files, complaints };
}

function documentOf(file: string, name: string): unknown {
  try {
    return parse(fs.readFileSync(file, 'utf8')) as unknown;
  } catch (failure) {
    throw new Error(`${name}: is not YAML: ${messageOf(failure).trim()}`, { cause: failure });
  }
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

/** Two identities on one id or one secret would work on the same credential under two leases. */
function shared(files: readonly PolicyFile[], field: 'id' | 'secret'): readonly string[] {
  const first = new Map<string, string>();
  return files.flatMap(({ file, policy }) => {
    const value = policy[field];
    const before = first.get(value);
    first.set(value, before ?? file);
    return before === undefined
      ? []
      : [
          `${file}: ${field}: ${JSON.stringify(value)} is the ${field} of ${before} too; want one file per identity`,
        ];
  });
}

function gapsOf({ file, policy }: PolicyFile, source: PolicySource): readonly LocatedGap[] {
  const descriptor = source.descriptors.find(({ kind }) => kind === policy.kind);
  const found = designGaps(policy, descriptor, source.today).map((gap) => ({
    gap: gap.gap,
    field: gap.field,
    state: gap.state,
    line: `${file}: ${gap.field}: ${gap.message}. ${wayOut(policy, gap)}`,
  }));
  const network = policy.target.network;
  if (Object.hasOwn(source.networks, network)) return found;
  const known = Object.keys(source.networks).join(', ');
  const line = `${file}: target.network: got ${JSON.stringify(network)}, want one of ${known}. Add it to "networks" in cdk.json or correct the policy`;
  return [...found, { gap: 'network', field: 'target.network', state: 'open', line }];
}

function wayOut(policy: Policy, { gap, state }: DesignGap): string {
  const exception = policy.exceptions.find((each) => each.gap === gap);
  switch (state) {
    case 'excepted':
      return `Let through until ${exception?.until} by an exception: ${exception?.reason}`;
    case 'open':
      return exception === undefined
        ? `Correct the policy, or add an exception for the gap "${gap}" with a reason and an end date`
        : `The exception for the gap "${gap}" ended on ${exception.until}: correct the policy or renew it`;
    default:
      return state satisfies never;
  }
}

function routesOf(policies: readonly Policy[]): readonly Route[] {
  const routes = new Map(
    policies.map(({ kind, target }) => [`${kind}/${target.network}`, { kind, network: target.network }]),
  );
  return [...routes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, route]) => route);
}
