const { default: runSuite } = require("jest-circus/runner");

/** What an idle worker holds: its pipes to jest. */
const OF_A_WORKER = "PipeWrap";
/** The number that begins jest's last message to a worker. */
const END = 2;

/** Whether this process can run another suite; undefined before its first one. */
let usable;

/**
 * Ends a worker whose suite failed, or left a timer, a server, a connection or a process behind: that may fail later, in
 * whatever suite is running then. jest starts another worker and repeats the message, as it does after any crash. Each message
 * of jest follows the result of the suite before, so no result is lost. A worker that is still clean runs the next suite: a
 * new process costs half a second of CPU, because it loads and compiles everything again.
 */
process.prependListener("message", ([kind]) => {
  if (kind === END) process.exit(0);
  if (usable === undefined) return;
  usable &&= process.getActiveResourcesInfo().every((resource) => resource === OF_A_WORKER);
  if (!usable) process.exit(1);
});

module.exports = async function run(...args) {
  usable = false;
  const result = await runSuite(...args);
  usable = result.numFailingTests === 0 && !result.testExecError;
  return result;
};
