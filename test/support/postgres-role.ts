import { connector } from '../../connectors/postgres-role';
import type { Subject } from '../../core/call';
import type { CredentialVersion } from '../../core/credential';
import { Failure } from '../../core/failure';
import type { Material } from '../../core/material';
import type { Verdict } from '../../core/probe';
import { callAs, type SeededTarget, seedTarget, type TestPostgres, testPostgres } from './postgres';

/** One identity on a database of its own, as a connector is called with it. */
export interface Given {
  readonly target: SeededTarget;
  readonly subject: Subject;
  readonly current: CredentialVersion;
}

/** A server that logs every statement, identities on it, and what must never show up. */
export interface RoleBench {
  readonly server: TestPostgres;
  given(strategy: 'in-place' | 'alternating'): Promise<Given>;
  subjectOf(target: SeededTarget, strategy: string, changes?: object): Subject;
  /** A candidate beside `current`, by default beside what the target was prepared with. */
  mint(given: Given, current?: Material): Promise<{ version: CredentialVersion; material: Material }>;
  verdict(given: Given, material: Material): Promise<Verdict>;
  /** The Failure that work ends with; anything else fails the test. */
  failureOf(work: Promise<unknown>): Promise<Failure>;
  secrets(): readonly string[];
  /** How many passwords are found, in plain or encoded, in the server's log and in the failures seen. */
  leaks(): number;
}

export async function roleBench(): Promise<RoleBench> {
  const server = await testPostgres(['-c', 'log_statement=all', '-c', 'log_connections=all']);
  const { remember, ...recorded } = recorder(server);
  let serial = 0;

  function subjectOf(target: SeededTarget, strategy: string, changes: object = {}): Subject {
    const { host, port } = server;
    const owned = strategy === 'alternating' ? { owner: target.owner } : {};
    const { database, roles } = target;
    const document = { host, port, database, tls: { mode: 'disable' }, roles, ...owned, ...changes };
    return { identityId: database, strategy, target: document };
  }

  return {
    server,
    subjectOf,
    ...recorded,
    verdict,
    async given(strategy) {
      serial += 1;
      const target = await seedTarget(server, `shop${serial}`, strategy);
      for (const material of [target.admin, target.control, target.current]) remember(material);
      const current = { versionId: 'v1', remoteId: target.roles[0] ?? '' };
      return { target, subject: subjectOf(target, strategy), current };
    },
    async mint({ subject, target }, current = target.current) {
      const minted = await connector.operations.mint(subject, current, callAs(target.admin));
      remember(minted.material);
      return { version: { versionId: 'v2', remoteId: minted.remoteId }, material: minted.material };
    },
  };
}

async function verdict({ subject, target }: Given, material: Material): Promise<Verdict> {
  const version = { versionId: 'any', remoteId: material.reveal('username') ?? '' };
  const call = callAs(target.control);
  return (await connector.probe.observe(subject, version, material, { id: 'direct' }, call)).verdict;
}

type Recorder = Pick<RoleBench, 'failureOf' | 'secrets' | 'leaks'> & {
  readonly remember: (material: Material) => void;
};

function recorder(server: TestPostgres): Recorder {
  const secrets: string[] = [];
  const failures: Failure[] = [];
  return {
    remember: (material) => void secrets.push(material.reveal('password') ?? ''),
    async failureOf(work) {
      const failure = await work.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(failure instanceof Failure)) throw new Error('expected a Failure', { cause: failure });
      failures.push(failure);
      return failure;
    },
    secrets: () => secrets,
    leaks() {
      const told = failures.flatMap((failure) => [failure.stack ?? '', JSON.stringify(failure)]);
      const sink = [server.logText(), ...told].join('\n');
      return secrets.flatMap(encodings).filter((form) => sink.includes(form)).length;
    },
  };
}

/** A secret as it could stand somewhere: plain, hex, and base64 at each of the three offsets. */
function encodings(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + secret).toString('base64');
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, Buffer.from(secret).toString('hex'), ...base64];
}
