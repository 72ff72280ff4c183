const { statSync } = require('node:fs');
const { sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** Folders whose files mostly wait, for commands, for servers, for workers that were killed: the longest files. */
const waiting = ['e2e', 'fault'];

function rank({ path }) {
  const at = waiting.findIndex((folder) => path.includes(`${sep}test${sep}${folder}${sep}`));
  return at === -1 ? waiting.length : at;
}

/** A long file started last would run alone on an idle machine; beyond the folders, the size is the best guess. */
module.exports = class WaitingFirst extends Sequencer {
  sort(tests) {
    const size = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted(
      (one, other) => rank(one) - rank(other) || size.get(other.path) - size.get(one.path),
    );
  }
};
