const { default: Sequencer } = require("@jest/test-sequencer");

/** Suites that wait for minutes begin first, so that the others run beside them and none is left alone at the end. */
module.exports = class SoaksFirst extends Sequencer {
  sort(tests) {
    const waits = ({ path }) => /soak|estimate|undo/i.test(path.slice(path.lastIndexOf("/")));
    return super.sort(tests).sort((one, other) => Number(waits(other)) - Number(waits(one)));
  }
};
