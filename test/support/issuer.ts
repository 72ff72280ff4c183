import * as z from 'zod/mini';
import { connectorOf } from '../../core/capability';
import type { Bound, Connector, Descriptor } from '../../core/connector';
import { Material } from '../../core/material';
import type { Probe, Verdict } from '../../core/probe';
import type { VerbsOf } from '../../core/verbs';
import type { MemoryVault } from '../../adapters/memory/vault';

/** A key as the issuer knows it. */
export interface IssuedKey {
  readonly id: string;
  readonly value: string;
  status: 'active' | 'suspended';
  /** The run that asked for it; absent for keys made by hand. */
  readonly runId?: string;
}

/** An issuer that makes the values itself, in this process: for what the steps do around it, not for proofs. */
export interface Issuer {
  readonly connector: Connector;
  readonly keys: IssuedKey[];
  /** How many keys were ever made. */
  made(): number;
  /** A key made by hand. */
  add(id: string, runId?: string): void;
  /** What `boundSessions` answers from now on; asked with the refusal's time. */
  bound: (refusedAt: number, now: number) => Bound;
}

const descriptor = {
  kind: 'test-issuer',
  title: 'Issuer of the tests',
  maturity: 'experimental',
  issueStyle: 'issued',
  capabilities: ['rotate', 'suspend', 'revoke', 'list', 'boundSessions'],
  strategies: { beside: { overlap: 'twoActive' } },
  sessions: 'bounded',
  derived: 'Tokens that live for a while.',
  testedAgainst: { nature: 'contract double', what: 'this file' },
  quota: 2,
  propagationSeconds: 0,
  settle: { refusals: 3, windowSeconds: 0, periodMs: 1 },
  probeBudgetSeconds: 1,
  refusalSignals: ['dead'],
  rights: {},
  target: z.looseObject({}),
} as const satisfies Descriptor;

/** An issuer whose only key is `first`, the one in force. */
export function issuer(): Issuer {
  const keys: IssuedKey[] = [{ id: 'first', value: 'value-of-first', status: 'active' }];
  let serial = 0;
  const find = (id: string) => keys.find((key) => key.id === id);
  const present = (value: string | undefined): Verdict =>
    keys.some((key) => key.value === value && key.status === 'active')
      ? { state: 'accepted' }
      : { state: 'refused', signal: 'dead' };
  const it: Omit<Issuer, 'connector'> = {
    keys,
    made: () => serial,
    add: (id, runId) =>
      void keys.push({
        id,
        value: `value-of-${id}`,
        status: 'active',
        ...(runId !== undefined && { runId }),
      }),
    bound: () => ({ state: 'denied', signal: 'explicit deny' }),
  };
  const operations: VerbsOf<typeof descriptor> = {
    remoteIdOf: (_subject, material) => material.reveal('id'),
    preflight: async () => undefined,
    list: async () =>
      keys.map(({ id, status, runId }) => ({
        remoteId: id,
        status,
        attributable: true,
        ...(runId !== undefined && { runId }),
      })),
    async issue(_subject, _current, { runId }) {
      serial += 1;
      const key = {
        id: `key-${serial}`,
        value: `value-of-key-${serial}`,
        status: 'active',
        runId,
      } as const;
      keys.push({ ...key });
      return {
        remoteId: key.id,
        material: new Material({ id: key.id, value: key.value }),
        requestId: `request-${serial}`,
      };
    },
    async suspend(_subject, { remoteId }) {
      const key = find(remoteId);
      if (!key || key.status === 'suspended') return { effect: 'alreadySo' };
      key.status = 'suspended';
      return { effect: 'applied' };
    },
    async revoke(_subject, { remoteId }) {
      const key = find(remoteId);
      if (!key) return { effect: 'alreadySo' };
      keys.splice(keys.indexOf(key), 1);
      return { effect: 'applied' };
    },
    boundSessions: async (_subject, _version, _material, { refusedAt, now }) => it.bound(refusedAt, now),
  };
  const probe: Probe = {
    observe: async (_subject, _version, material) => ({
      verdict: present(material.reveal('value')),
      rawCode: 'none',
      latencyMs: 0,
    }),
    randomLike: (material, call) => material.with({ value: call.random(8).toString('hex') }),
  };
  return Object.assign(it, { connector: connectorOf({ descriptor, operations, probe }) });
}

/** An identity on the issuer, and its secrets in the vault. */
export function issuedIdentity(id: string) {
  const policy = {
    id,
    // The machines of the tests are synthesised for this route; which connector acts is the app's.
    kind: 'postgres-role',
    owner: 'team-test',
    secret: `gapless/${id}`,
    target: { admin: `gapless/${id}/admin`, control: `gapless/${id}/control` },
    rotation: { strategy: 'beside', every: '30d' },
    revocation: { within: '5m', owner: 'team-test' },
  };
  return {
    policy,
    store(vault: MemoryVault): void {
      vault.create(policy.secret, 'v-first', new Material({ id: 'first', value: 'value-of-first' }));
      vault.create(policy.target.admin, 'v-admin', new Material({ token: 'admin' }));
      vault.create(policy.target.control, 'v-control', new Material({ token: 'control' }));
    },
  };
}
