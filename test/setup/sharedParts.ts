import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATABASE_POOL } from "../../local/backends/borrowedDatabase";
import { DatabasePool } from "./databasePool";

declare global {
  /** Ends the parts that {@link setup} began. Jest loads set-up and teardown separately. */
  var endSharedParts: () => Promise<void>;
}

/**
 * The parts that the suites of a run, and the processes that they start, share: databases, the bundles of the program's
 * functions, and Node's compiled code of the modules that all of them load.
 */
export default async function setup(
  { testPathPatterns }: { testPathPatterns: { patterns: readonly string[] } },
  { watch, watchAll }: { watch: boolean; watchAll: boolean },
) {
  // On a terminal, jest shows the suites that are running.
  if (testPathPatterns.patterns.length === 0 && !process.stderr.isTTY) {
    process.stderr.write(
      "Running all suites. Those that take minutes come first, so the first result takes a while.\n",
    );
  }
  const databases = await DatabasePool.open();
  process.env[DATABASE_POOL] = databases.address;
  const folder = mkdtempSync(join(tmpdir(), "sluice-tests-"));
  process.env.NODE_COMPILE_CACHE = join(folder, "compiled");
  // In watch mode somebody edits sources.
  if (!watch && !watchAll) {
    process.env.SLUICE_KEPT_BUNDLES = join(folder, "bundles");
    mkdirSync(process.env.SLUICE_KEPT_BUNDLES);
  }
  globalThis.endSharedParts = async () => {
    await databases.close();
    // A process that was killed may still be writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
