import * as fc from 'fast-check';
import { isRecord } from '../../../core/evidence/record-check.generated';
import { evidenceRecord } from '../../../core/evidence/record';
import { rotation } from '../../support/ledger-scene';

const { run, proof } = rotation('run-a');
/** What a bulk revocation says beside what every run says. */
const selection = {
  by: 'owner',
  value: 'payments',
  count: 2,
  list: { key: 'lists/bulk/run-a.json', sha256: '0'.repeat(64) },
  approval: 'never',
};
const bulk = (run[0]?.body ?? '').replace(/}$/, `,"selection":${JSON.stringify(selection)}}`);
const records = [...[...run, ...proof].map(({ body }) => body), bulk];

type Tree = { [name: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

/** Every place in a record, as a path. */
function placesOf(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (!isTree(value)) return [at];
  return [at, ...Object.keys(value).flatMap((name) => placesOf(value[name], [...at, name]))];
}

function changed(
  body: string,
  path: readonly string[],
  change: (holder: Tree, name: string) => void,
): unknown {
  const copy: unknown = { root: JSON.parse(body) as unknown };
  let holder = copy;
  const names = ['root', ...path];
  for (const name of names.slice(0, -1)) holder = isTree(holder) ? holder[name] : undefined;
  const last = names.at(-1);
  if (isTree(holder) && last !== undefined) change(holder, last);
  // Once through JSON, as records come: no holes in arrays, nothing undefined.
  return isTree(copy) && copy['root'] !== undefined
    ? (JSON.parse(JSON.stringify(copy['root'])) as unknown)
    : null;
}

const odd = fc.oneof(
  fc.constantFrom(null, 0, -1, 1.5, 1e300, '', 'x'.repeat(513), 'x'.repeat(1_025), [], {}, true, 'RUN', 'L9'),
  fc.constantFrom('2026-02-30T00:00:00.000Z', '2026-03-01T00:00:00+01:00', '2026-03-01', 'a'.repeat(64)),
  fc.jsonValue(),
);

it('accepts exactly what the schema of records accepts, wherever a record is changed or lacks something', () => {
  const verdicts = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...records), fc.nat(), odd, fc.boolean(), (body, at, value, drop) => {
      const places = placesOf(JSON.parse(body));
      const path = places[at % places.length] ?? [];
      const given = changed(body, path, (holder, name) => {
        if (drop) delete holder[name];
        else holder[name] = value;
      });
      const accepted = isRecord(given);
      verdicts[accepted ? 'accepted' : 'refused'] += 1;
      expect({ path, accepted }).toEqual({ path, accepted: evidenceRecord.safeParse(given).success });
    }),
    { numRuns: 3_000 },
  );
  expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(100);
});

it('accepts every record of a rotation as it is', () => {
  expect(records.filter((body) => !isRecord(JSON.parse(body)))).toEqual([]);
});
