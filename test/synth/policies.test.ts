import { loadPolicies, type LoadedPolicies } from '../../lib/policies';
import {
  policiesFolder,
  resourcesOf,
  soundPolicy,
  stubDescriptor,
  synthesise,
  TODAY,
} from '../support/synth';

function load(files: Readonly<Record<string, unknown>>): LoadedPolicies {
  return loadPolicies({
    dir: policiesFolder(files),
    descriptors: [stubDescriptor],
    networks: { default: {} },
    today: TODAY,
  });
}

const consumedAt = (url: string) => ({ ...soundPolicy, consumers: [{ id: 'api', observe: 'http', url }] });
const rotation = soundPolicy.rotation;
const { control: _, ...withoutControl } = soundPolicy.target;
const reason = 'the control role is ordered for next week';

describe('policies that cannot be deployed', () => {
  it.each([
    {
      wrong: 'an unknown field',
      policy: { ...soundPolicy, rotations: {} },
      says: ['orders.yaml: rotations: is not a known field'],
    },
    {
      wrong: 'a duration out of range',
      policy: { ...soundPolicy, rotation: { ...rotation, every: '5m' } },
      says: ['rotation.every: got "5m"', 'from 15m to 365d'],
    },
    {
      wrong: 'a duration without a unit',
      policy: { ...soundPolicy, rotation: { ...rotation, overlap: '10' } },
      says: ['rotation.overlap: got "10"', 'from 0s to 7d'],
    },
    {
      wrong: 'a kind that no connector has',
      policy: { ...soundPolicy, kind: 'mainframe' },
      says: ['kind: no connector is called "mainframe"'],
    },
    {
      wrong: 'a strategy that the connector lacks',
      policy: { ...soundPolicy, rotation: { ...rotation, strategy: 'in-place' } },
      says: ['rotation.strategy: got "in-place", stub-kind offers alternating'],
    },
    {
      wrong: 'a target that the connector does not understand',
      policy: { ...soundPolicy, target: { ...soundPolicy.target, host: 7 } },
      says: ['target.host: got 7'],
    },
    {
      wrong: 'a network that the deployment does not know',
      policy: { ...soundPolicy, target: { ...soundPolicy.target, network: 'vpc-b' } },
      says: ['target.network: got "vpc-b", want one of default'],
    },
    {
      wrong: 'a capability that the connector lacks',
      policy: { ...soundPolicy, consumers: [{ id: 'api', observe: 'target-sessions' }] },
      says: ['observeConsumersBySession'],
    },
    {
      wrong: 'a consumer URL with a password',
      policy: consumedAt('https://svc:canary@api.example/gapless'),
      says: ['consumers.0.url', 'without user, password, query or fragment'],
    },
    {
      wrong: 'a consumer URL with a query',
      policy: consumedAt('https://api.example/gapless?token=canary'),
      says: ['consumers.0.url', 'without user, password, query or fragment'],
    },
    {
      wrong: 'a probe path with a user',
      policy: {
        ...soundPolicy,
        target: { ...soundPolicy.target, paths: [{ id: 'pooler', address: 'app:canary@pooler:6432' }] },
      },
      says: ['target.paths.0.address', 'want host:port, without user or password'],
    },
    {
      wrong: 'one secret for the identity and its admin',
      policy: { ...soundPolicy, secret: soundPolicy.target.admin },
      says: ['orders.yaml: secret: got gapless/admin, gapless/admin', 'a secret of its own'],
    },
    { wrong: 'YAML that is none', policy: 'id: [unclosed', says: ['orders.yaml: is not YAML'] },
  ])('$wrong is named with file, field and what is allowed', ({ policy, says }) => {
    for (const sentence of says) expect(() => load({ 'orders.yaml': policy })).toThrow(sentence);
  });

  it('an exception that has run out lets nothing through', () => {
    const exceptions = [{ gap: 'control', reason, until: '2026-11-21' }];
    expect(() => load({ 'orders.yaml': { ...soundPolicy, target: withoutControl, exceptions } })).toThrow(
      'The exception for the gap "control" ended on 2026-11-21',
    );
  });

  it('two files with one id are named both', () => {
    expect(() => load({ 'a.yaml': soundPolicy, 'b.yml': soundPolicy })).toThrow(
      'b.yml: id: "orders-db" is the id of a.yaml too',
    );
  });

  it('two identities with one secret are named both', () => {
    expect(() => load({ 'a.yaml': soundPolicy, 'b.yml': { ...soundPolicy, id: 'orders-copy' } })).toThrow(
      'b.yml: secret: "gapless/orders-db" is the secret of a.yaml too',
    );
  });

  it('everything that is wrong is told at once', () => {
    const files = {
      'a.yaml': { ...soundPolicy, kind: 'mainframe' },
      'b.yaml': { ...soundPolicy, id: 'Bad Id' },
    };
    expect(() => load(files)).toThrow(/a\.yaml: kind[^]*got "Bad Id"|got "Bad Id"[^]*a\.yaml: kind/);
  });

  it('a folder that does not exist is named', () => {
    const source = { dir: '/nowhere/policies', descriptors: [], networks: {}, today: TODAY };
    expect(() => loadPolicies(source)).toThrow('The policies folder /nowhere/policies does not exist');
  });

  it('stop the synthesis', () => {
    expect(() => synthesise({ 'orders.yaml': { ...soundPolicy, kind: 'mainframe' } })).toThrow(
      'Policies cannot be deployed',
    );
  });
});

describe('policies that can be deployed', () => {
  it('an exception that still holds lets its gap through with a warning', () => {
    const exceptions = [{ gap: 'control', reason, until: TODAY }];
    const { warnings } = synthesise({
      'orders.yaml': { ...soundPolicy, target: withoutControl, exceptions },
    });
    expect(warnings).toEqual([
      expect.stringContaining(`Let through until ${TODAY} by an exception: ${reason}`),
    ]);
  });

  it('compile to one revision that does not depend on file names', () => {
    const other = { ...soundPolicy, id: 'billing-db', secret: 'gapless/billing-db' };
    const revision = load({ 'a.yaml': soundPolicy, 'b.yaml': other }).document.revision;
    expect(load({ 'z.yml': soundPolicy, 'c.yaml': other }).document.revision).toBe(revision);
    expect(load({ 'a.yaml': soundPolicy }).document.revision).not.toBe(revision);
  });

  it('an empty folder gives an app that rotates nothing', () => {
    const { workflow } = synthesise({});
    expect(resourcesOf(workflow, 'AWS::Lambda::Function')).toHaveLength(12);
    expect(resourcesOf(workflow, 'AWS::StepFunctions::StateMachine')).toHaveLength(5);
  });
});
