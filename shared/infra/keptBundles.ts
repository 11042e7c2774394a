import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

/** The environment variable with the folder of kept bundles. The tests set it, for one run. */
export const KEPT_BUNDLES = "SLUICE_KEPT_BUNDLES";

/** A module outside the project's folders may change between two deployments. */
const FOREIGN_IMPORT = /from\s*"(\/|[A-Za-z]:)/;

/**
 * A bundle from the folder that {@link KEPT_BUNDLES} names, or a new one, which is then kept there. Without the variable every
 * bundle is new. Tests deploy the whole program dozens of times, and bundling is most of what a deployment costs. The
 * project's sources must not change while the folder is in use.
 * @param entry a path from the project's folder. An absolute one may change and is never kept.
 * @param replaced texts that take the place of files.
 */
export async function keptBundle(
  entry: string,
  replaced: Readonly<Record<string, string>>,
  make: () => Promise<string>,
): Promise<string> {
  const folder = process.env[KEPT_BUNDLES];
  const changes = isAbsolute(entry) || Object.values(replaced).some((text) => FOREIGN_IMPORT.test(text));
  if (!folder || changes) return make();
  const key = createHash("sha256").update(JSON.stringify([__dirname, entry, replaced]));
  const file = join(folder, `${key.digest("hex")}.mjs`);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return kept;
  const code = await make();
  // Processes that make the same bundle at the same time must never read half of it.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, code);
  await rename(temporary, file);
  return code;
}
