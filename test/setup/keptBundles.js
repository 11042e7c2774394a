const { mkdtempSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** All suites of a run, and the processes they start, share the bundles of the program's functions. */
module.exports = async function setup(_, { watch, watchAll }) {
  // Who watches edits sources.
  if (watch || watchAll) return;
  process.env.SLUICE_KEPT_BUNDLES = mkdtempSync(join(tmpdir(), "sluice-bundles-"));
};
