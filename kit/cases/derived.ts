import type { Derivation } from '../../core/connector';
import { callWith, having, type KitCase, type Scene } from '../scene';

/** What lives on of a credential whose sessions cannot be listed. */
export const derived: readonly KitCase[] = [
  {
    name: 'what was derived stays open until it is denied or has run out, and only then is over',
    expected: 'open, then over',
    appliesTo: having('boundSessions'),
    async run(scene) {
      const { given, bench } = scene;
      if (!bench.derived) return 'the fixture derives nothing';
      await bench.derived.make(given);
      await scene.connector.operations.suspend(given.subject, given.current, callWith(given.admin));
      const derivation = await bench.derived.derivation(given);
      const before = await bound(scene, derivation);
      await bench.derived.end(given);
      return `${before}, then ${await bound(scene, await bench.derived.derivation(given))}`;
    },
  },
  {
    name: 'a bound that cannot be asked for is a failure, and never over',
    expected: 'not over',
    appliesTo: having('boundSessions'),
    async run(scene) {
      const { given, bench } = scene;
      if (!bench.derived) return 'the fixture derives nothing';
      await bench.derived.make(given);
      const away = { ...scene, given: { ...given, subject: bench.unreachable(given) } };
      const derivation = await bench.derived.derivation(given);
      const answer = await bound(away, derivation).catch(() => 'open');
      return answer === 'open' ? 'not over' : answer;
    },
  },
];

async function bound({ connector, given }: Scene, derivation: Derivation): Promise<'open' | 'over'> {
  const { subject, current, control } = given;
  const call = callWith(control, { timeoutMs: 2_000 });
  const { operations } = connector;
  const { state } = await operations.boundSessions(subject, current, current.material, derivation, call);
  return state === 'open' ? 'open' : 'over';
}
