const { default: Sequencer } = require("@jest/test-sequencer");

/** Suites that take more than a minute and a half on a busy machine. */
const LONG =
  /integration.(\w*soak|estimate|jobFaults|lifetime|manyUnits|participantTokens|scanner|spark|ui|undo|workflow)\.|docs.execution|permissions.(glue|program)|protocol\.model/i;

/** Suites that take minutes come first, so that the others run beside them and none is left alone at the end. */
module.exports = class LongSuitesFirst extends Sequencer {
  sort(tests) {
    const long = ({ path }) => LONG.test(path);
    return super.sort(tests).sort((one, other) => Number(long(other)) - Number(long(one)));
  }
};
