import { connectorOf, contradictions } from '../../core/capability';
import type { Descriptor, Operations } from '../../core/connector';
import { Material } from '../../core/material';
import type { VerbsOf } from '../../core/verbs';
import { callAs } from '../support/postgres';
import { connector } from '../../connectors/postgres-role';
import { descriptor as postgres } from '../../connectors/postgres-role/descriptor';
import { mutator } from '../../connectors/postgres-role/mutator';
import { prober } from '../../connectors/postgres-role/prober';

const operations = { ...prober.operations, ...mutator.operations };
const verb = () => undefined;

it('finds nothing to say about a kind whose flags and methods agree', () => {
  expect(contradictions(postgres, operations)).toEqual([]);
});

describe('says in a sentence', () => {
  const { suspend: _, ...lacking } = operations;
  const { list: _list, ...unlisted } = operations;
  const issued: Descriptor = {
    ...postgres,
    issueStyle: 'issued',
    capabilities: ['rotate'],
    sessions: 'none',
  };
  const rows: [what: string, descriptor: Descriptor, operations: object, says: RegExp][] = [
    [
      'that a flag has no method',
      postgres,
      lacking,
      /declares the capability suspend and has no method suspend/,
    ],
    [
      'that a method has no flag',
      { ...postgres, capabilities: postgres.capabilities.filter((name) => name !== 'list') },
      operations,
      /has a method list that nothing it declares asks for/,
    ],
    [
      'that one half of a flag is missing',
      { ...postgres, capabilities: [...postgres.capabilities, 'fallbackGateway'] },
      { ...operations, block: verb },
      /fallbackGateway and has no method unblock/,
    ],
    [
      'that a style has no method',
      postgres,
      { ...operations, apply: undefined },
      /rotate with the style chosen and has no method apply/,
    ],
    [
      'that sessions are promised and not counted',
      { ...postgres, capabilities: ['rotate'] },
      { remoteIdOf: verb, preflight: verb, mint: verb, apply: verb },
      /sessions are countable and lacks the capability countSessions/,
    ],
    [
      'that what was issued could not be found again',
      issued,
      { remoteIdOf: verb, preflight: verb, issue: verb },
      /lacks list or revoke/,
    ],
    [
      'that an issued value cannot be put back',
      issued,
      { remoteIdOf: verb, preflight: verb, issue: verb },
      /in-place with one active value/,
    ],
    ['that a flag has lost its method', postgres, unlisted, /declares the capability list/],
  ];
  it.each(rows)('%s', (_what, descriptor, methods, says) => {
    expect(contradictions(descriptor, methods).join('\n')).toMatch(says);
  });
});

it('does not put a connector together that contradicts itself', () => {
  const lying = { ...operations };
  Reflect.deleteProperty(lying, 'list');
  expect(() => connectorOf({ descriptor: postgres, operations: lying, probe: connector.probe })).toThrow(
    /connectors\/postgres-role: .*no method list/,
  );
});

it('lets no step call a verb that was not declared', async () => {
  expect(() =>
    connector.operations.block(
      { identityId: 'x', strategy: 'y', target: {} },
      { versionId: 'v', remoteId: 'r' },
      callAs(new Material({})),
    ),
  ).toThrow(/postgres-role does not declare block/);
});

type Compiles<D extends Descriptor, O> = O extends VerbsOf<D> ? 'yes' : 'no';
type Postgres = typeof postgres;
type Without<V extends keyof Operations> = Omit<typeof operations, V>;

it('compiles only where flags and methods agree', () => {
  const agreeing: Compiles<Postgres, typeof operations> = 'yes';
  const missing: Compiles<Postgres, Without<'suspend'>> = 'no';
  const extra: Compiles<Postgres, Without<'issue'> & Pick<Operations, 'issue'>> = 'no';
  expect([agreeing, missing, extra]).toEqual(['yes', 'no', 'no']);
});
