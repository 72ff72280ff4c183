const { default: Sequencer } = require('@jest/test-sequencer');
const { sep } = require('node:path');

/** Folders whose files mostly wait, for commands, for servers, for workers that were killed: the longest files. */
const waiting = ['e2e', 'fault'];

/** On a clean checkout jest knows no durations; a long file started last would run alone on an idle machine. */
module.exports = class WaitingFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = waiting.findIndex((folder) => path.includes(`${sep}test${sep}${folder}${sep}`));
      return at === -1 ? waiting.length : at;
    };
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
};
