const { rmSync } = require("node:fs");

/** See `keptBundles.js`. */
module.exports = async function teardown() {
  const folder = process.env.SLUICE_KEPT_BUNDLES;
  if (folder) rmSync(folder, { recursive: true, force: true });
};
