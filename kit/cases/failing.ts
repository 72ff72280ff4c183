import { inspect } from 'node:util';
import type { Call, Subject } from '../../core/call';
import type { Material } from '../../core/material';
import { always, callWith, endOf, made, type KitCase, type Scene } from '../scene';
import { encodings } from '../encodings';
import { tally } from './making';

/** Every verb the kind declares that asks the target something, as one attempt each. */
function attempts(
  { connector, given }: Scene,
  subject: Subject,
  call: Call,
): readonly (() => Promise<unknown>)[] {
  const { operations, descriptor } = connector;
  const { current } = given;
  const has = (name: (typeof descriptor.capabilities)[number]) => descriptor.capabilities.includes(name);
  const make =
    descriptor.issueStyle === 'issued'
      ? async () => operations.issue(subject, current.material, call)
      : async () => operations.apply(subject, current, current.material, call);
  return [
    ...(has('rotate') ? [make] : []),
    ...(has('list') ? [async () => operations.list(subject, call)] : []),
    ...(has('suspend') ? [async () => operations.suspend(subject, current, call)] : []),
    ...(has('revoke') ? [async () => operations.revoke(subject, current, 'removePrincipal', call)] : []),
    ...(has('isolate') ? [async () => operations.isolate(subject, call)] : []),
    ...(has('countSessions') ? [async () => operations.countSessions(subject, current, {}, call)] : []),
    ...(has('endSessions') ? [async () => operations.endSessions(subject, current, {}, call)] : []),
  ];
}

const changing = ['suspend', 'revoke'] as const;

/** What a connector says when it could not do what it was asked. */
export const failing: readonly KitCase[] = [
  {
    name: 'a target that cannot be reached is a failure of every verb, and nothing was changed',
    expected: 'TargetUnreachable (none)',
    appliesTo: always,
    async run(scene) {
      const { given, bench } = scene;
      const work = attempts(scene, bench.unreachable(given), callWith(given.admin, { timeoutMs: 2_000 }));
      const ends = await Promise.all(work.map(async (attempt) => endOf(attempt)));
      return [...new Set(ends)].join(' ');
    },
  },
  {
    name: 'an authority that may change nothing is a failure of every change, and the credential lives',
    expected: 'failed x2, accepted yes',
    appliesTo: ({ capabilities }) => (changing.every((name) => capabilities.includes(name)) ? 'yes' : 'no'),
    async run({ connector, given, bench }) {
      const call = callWith(await bench.powerless(given));
      const { subject, current } = given;
      const ends = [
        await endOf(async () => connector.operations.suspend(subject, current, call)),
        await endOf(async () => connector.operations.revoke(subject, current, 'removePrincipal', call)),
      ];
      const failed = ends.map((end) => (/\((none|unknown)\)$/.test(end) ? 'failed' : end));
      return `${tally(failed)}, accepted ${await given.accepts(current.material)}`;
    },
  },
  {
    name: 'no error holds a secret: neither in its message, its stack, its causes nor what it prints as',
    expected: '0 leaks',
    appliesTo: always,
    async run(scene) {
      const { given, bench } = scene;
      const candidate = await made(scene).catch(() => undefined);
      const powerless = await bench.powerless(given);
      const calls: readonly (readonly [Subject, Call])[] = [
        [bench.unreachable(given), callWith(given.admin, { timeoutMs: 2_000 })],
        [given.subject, callWith(powerless)],
        [given.subject, callWith(scene.connector.probe.randomLike(given.admin, callWith(given.admin)))],
      ];
      const errors: unknown[] = [];
      for (const [subject, call] of calls)
        for (const attempt of attempts(scene, subject, call))
          await attempt().catch((error: unknown) => errors.push(error));
      const said = errors.map((error) => told(error)).join('\n');
      const held = [given.admin, given.control, given.current.material, powerless, candidate?.material];
      const leaks = held.flatMap((material) => (material ? secretsOf(material) : []));
      const found = leaks.filter((secret) => encodings(secret).some((form) => said.includes(form)));
      return errors.length === 0 ? 'no verb failed' : `${found.length} leaks`;
    },
  },
];

function told(error: unknown): string {
  const causes = error instanceof Error && error.cause !== undefined ? told(error.cause) : '';
  const stack = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : '';
  return [stack, JSON.stringify(error), inspect(error, { depth: 6, showHidden: true }), causes].join('\n');
}

/** Values long enough to be no host name or port; an id of a key is no secret. */
function secretsOf(material: Material): readonly string[] {
  const fields: unknown = JSON.parse(material.toVaultText());
  if (fields === null || typeof fields !== 'object') return [];
  return Object.entries(fields).flatMap(([name, value]) =>
    /password|secret|token|key|value/i.test(name) &&
    !/id$/i.test(name) &&
    typeof value === 'string' &&
    value.length >= 12
      ? [value]
      : [],
  );
}
