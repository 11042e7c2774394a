const { default: Sequencer } = require("@jest/test-sequencer");

/** Suites that wait for minutes come first, so that the others run beside them and none is left alone at the end. */
module.exports = class SoaksFirst extends Sequencer {
  sort(tests) {
    const waits = ({ path }) => /integration.*(soak|estimate|undo|participantTokens|spark)/i.test(path);
    return super.sort(tests).sort((one, other) => Number(waits(other)) - Number(waits(one)));
  }
};
