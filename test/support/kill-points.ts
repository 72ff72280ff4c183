import * as z from 'zod/mini';
import type { ServiceFaultPoint } from '../../apps/local/faults';
import type { StatementEvent } from './postgres-proxy';

/** Where a worker is killed in a rotation: at a call to a store, or at a statement on the target. */
export type KillPoint = {
  readonly name: string;
  readonly side: 'before' | 'after';
} & (
  | {
      readonly at: 'store';
      readonly fits: (point: ServiceFaultPoint, runId: string, secret: string) => boolean;
    }
  | {
      readonly at: 'target';
      readonly function: 'mutator' | 'prober';
      readonly occurrence: number;
      readonly fits: (event: StatementEvent) => boolean;
    }
);

export type Strategy = 'alternating' | 'in-place';

const keys = z.object({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) });

/** The put of one evidence record. */
function record(name: string, chain: 'RUN' | 'PROOF', seq: number): Where {
  const place = `R#${String(seq).padStart(6, '0')}`;
  return {
    name: `${name} (${chain} ${seq})`,
    at: 'store',
    fits: ({ action, input }, runId) => {
      const { data } = keys.safeParse(input?.['Item']);
      return action === 'PutItem' && data?.pk.S === `${chain}#${runId}` && data.sk.S === place;
    },
  };
}

function secretWrite(name: string, action: string): Where {
  return {
    name,
    at: 'store',
    fits: (point, _run, secret) => point.action === action && point.input?.['SecretId'] === secret,
  };
}

function statement(name: string, pattern: RegExp, occurrence = 1): Where {
  const fits = ({ sql, user }: StatementEvent) => user.endsWith('_admin') && pattern.test(sql);
  return { name, at: 'target', function: 'mutator', occurrence, fits };
}

type Where = { [P in KillPoint['at']]: Omit<Extract<KillPoint, { at: P }>, 'side'> }[KillPoint['at']];

/** Records of the chain RUN in the order they are written, without consumers to tell. A stage that finds nothing to do intends nothing. */
const written: Readonly<Record<Strategy, readonly string[]>> = {
  alternating: runRecords('Remove intended'),
  'in-place': runRecords(),
};

function runRecords(...removing: readonly string[]): readonly string[] {
  const changes = ['Mint intended', 'Mint made', 'Promote intended', 'Promote made', 'Distribute made'];
  return ['RunOpened', ...changes, 'Retire intended', 'Retire made', ...removing, 'Remove made', 'RunClosed'];
}

const proofs: readonly Where[] = ['ProveNew', 'ConfirmNew', 'ProveOld'].map((name, seq) =>
  record(name, 'PROOF', seq),
);

const vaultWrites: readonly Where[] = [
  secretWrite('candidate into the vault', 'PutSecretValue'),
  secretWrite('label moved', 'UpdateSecretVersionStage'),
];

const observed: Where = {
  name: 'ProveOld counting sessions',
  at: 'target',
  function: 'prober',
  occurrence: 1,
  fits: ({ sql, user }) => user.endsWith('_control') && /count\(\*\)/.test(sql),
};

const onTarget: Readonly<Record<Strategy, readonly Where[]>> = {
  alternating: [
    statement('Mint applied', /ALTER ROLE .* LOGIN PASSWORD/),
    statement('Mint committed', /^COMMIT/, 1),
    statement('Retire suspends', /ALTER ROLE .* NOLOGIN PASSWORD/, 1),
    statement('Retire committed', /^COMMIT/, 2),
    statement('Retire ends sessions', /pg_terminate_backend/),
    observed,
    statement('Remove empties the slot', /ALTER ROLE .* NOLOGIN PASSWORD/, 2),
    statement('Remove committed', /^COMMIT/, 3),
  ],
  'in-place': [
    statement('Mint applied', /ALTER ROLE .* LOGIN PASSWORD/),
    statement('Mint committed', /^COMMIT/, 1),
    statement('Retire ends sessions', /pg_terminate_backend/),
    observed,
  ],
};

/** Before and after every effect a rotation of the strategy has, in the order they come. */
export function killPoints(strategy: Strategy): readonly KillPoint[] {
  const sides = ['before', 'after'] as const;
  const records = written[strategy].map((name, seq) => record(name, 'RUN', seq));
  return [...onTarget[strategy], ...vaultWrites, ...records, ...proofs].flatMap((where) =>
    sides.map((side): KillPoint => ({ ...where, side })),
  );
}
