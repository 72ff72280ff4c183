const { statSync } = require('node:fs');
const { sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * What takes longest, first: folders whose files mostly wait, for commands, for servers, for workers that were killed, and
 * files that take long for their size.
 */
const longest = [
  'e2e/',
  'fault/',
  'contract/kit.test',
  'contract/query-aws.test',
  'workflow/bulk-census.test',
  'model/protocol.test',
  'workflow/schedule.test',
  'contract/stores-aws.test',
  'workflow/sealing.test',
];

function rank({ path }) {
  const name = path.split(`${sep}test${sep}`).at(-1)?.replaceAll(sep, '/') ?? '';
  const at = longest.findIndex((start) => name.startsWith(start));
  return at === -1 ? longest.length : at;
}

/** A long file started last would run alone on an idle machine; beyond those, the size is the best guess. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const size = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted(
      (one, other) => rank(one) - rank(other) || size.get(other.path) - size.get(one.path),
    );
  }
};
