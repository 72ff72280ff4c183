import type { KitCase, Scene } from '../scene';
import { always, callWith, present, presentUntil } from '../scene';
import { verdictCaseNames, verdictCases, type VerdictCase } from '../verdict-cases';

/** The name of a verdict's case in reports. */
export function verdictCaseName(name: VerdictCase): string {
  return `verdict of ${name}: ${verdictCases[name].says}`;
}

/** One case per answer a probe can get. Those that a fixture declares absent never get here. */
export const verdicts: readonly KitCase[] = verdictCaseNames.map((name) => ({
  name: verdictCaseName(name),
  expected: verdictCases[name].expected,
  appliesTo: always,
  run: async (scene) => seen(scene, name),
}));

async function seen(scene: Scene, name: VerdictCase): Promise<string> {
  const arrange = scene.bench.verdicts[name];
  if (typeof arrange !== 'function') return 'declared absent';
  const presented = await arrange(scene.given);
  const first = await present(scene, presented);
  if (verdictCases[name].expected !== 'accepted, then refused') return first.state;
  return `${first.state}, then ${await presentUntil(scene, presented, 'refused')}`;
}

/** The controls that stand beside every refusal, and what may count as one. */
export const controls: readonly KitCase[] = [
  {
    name: 'a random credential of the same shape is another one, and is refused',
    expected: 'another, refused',
    appliesTo: always,
    async run(scene) {
      const { current, control } = scene.given;
      const random = scene.connector.probe.randomLike(current.material, callWith(control));
      const same = random.toVaultText() === current.material.toVaultText() ? 'the same' : 'another';
      return `${same}, ${(await present(scene, { material: random })).state}`;
    },
  },
  {
    name: 'a refusal carries a signal the descriptor lists',
    expected: 'listed',
    appliesTo: always,
    async run(scene) {
      const { current, control } = scene.given;
      const material = scene.connector.probe.randomLike(current.material, callWith(control));
      const verdict = await present(scene, { material });
      if (verdict.state !== 'refused') return verdict.state;
      return scene.connector.descriptor.refusalSignals.includes(verdict.signal) ? 'listed' : verdict.signal;
    },
  },
  {
    name: 'probing changes nothing: the credential works as before',
    expected: 'yes',
    appliesTo: always,
    async run(scene) {
      await present(scene);
      await present(scene);
      return scene.given.accepts(scene.given.current.material);
    },
  },
];
