import type { Descriptor } from '../../core/connector';
import { callWith, endOf, having, made, presentUntil, RUN_ID, wentThrough, type KitCase } from '../scene';

const style = (wanted: Descriptor['issueStyle']) => (descriptor: Descriptor) =>
  descriptor.issueStyle === wanted ? having('rotate')(descriptor) : 'no';

/** How a candidate comes to be, of either style. */
export const making: readonly KitCase[] = [
  {
    name: 'a new credential is accepted once it is made',
    expected: 'accepted, and yes',
    appliesTo: having('rotate'),
    async run(scene) {
      const candidate = await made(scene);
      const seen = await presentUntil(
        scene,
        { version: candidate, material: candidate.material },
        'accepted',
      );
      return `${seen}, and ${await scene.given.accepts(candidate.material)}`;
    },
  },
  {
    name: 'preflight passes where everything is in place',
    expected: 'done',
    appliesTo: having('rotate'),
    run: async ({ connector, given }) =>
      wentThrough(
        await endOf(async () =>
          connector.operations.preflight(given.subject, given.current, callWith(given.admin)),
        ),
      ),
  },
  {
    name: 'minting touches nothing: the candidate is not accepted before it is applied',
    expected: 'candidate no, current yes',
    appliesTo: style('chosen'),
    async run({ connector, given }) {
      const { subject, current, admin } = given;
      const minted = await connector.operations.mint(subject, current.material, callWith(admin));
      return `candidate ${await given.accepts(minted.material)}, current ${await given.accepts(current.material)}`;
    },
  },
  {
    name: 'applying is idempotent: twice in a row, twice at once, and again',
    expected: 'done x5, accepted yes',
    appliesTo: style('chosen'),
    async run({ connector, given }) {
      const { subject, current, admin } = given;
      const minted = await connector.operations.mint(subject, current.material, callWith(admin));
      const version = { versionId: 'kit-candidate', remoteId: minted.remoteId };
      const apply = async () =>
        wentThrough(
          await endOf(async () =>
            connector.operations.apply(subject, version, minted.material, callWith(admin)),
          ),
        );
      const ends = [await apply(), await apply(), ...(await Promise.all([apply(), apply()])), await apply()];
      return `${tally(ends)}, accepted ${await given.accepts(minted.material)}`;
    },
  },
  {
    name: 'what was issued is listed as the identity’s own, under the run that asked for it',
    expected: `attributable, run ${RUN_ID}, current yes`,
    appliesTo: style('issued'),
    async run(scene) {
      const { connector, given } = scene;
      const { remoteId } = await made(scene);
      const live = await connector.operations.list(given.subject, callWith(given.admin));
      const found = live.find((each) => each.remoteId === remoteId);
      const attributed = found?.attributable === true ? 'attributable' : 'not attributable';
      return `${attributed}, run ${found?.runId ?? 'unknown'}, current ${await given.accepts(given.current.material)}`;
    },
  },
];

/** `done x3` for three equal ends, else each of them. */
export function tally(ends: readonly string[]): string {
  const different = new Set(ends);
  return different.size === 1 ? `${ends[0]} x${ends.length}` : ends.join(' ');
}
