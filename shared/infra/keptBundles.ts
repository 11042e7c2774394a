import { createHash, randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The environment variable with the folder of kept bundles. The tests set it, for one run. */
export const KEPT_BUNDLES = "SLUICE_KEPT_BUNDLES";

/** A module outside the project's folders may change between two deployments. */
const FOREIGN_IMPORT = /from\s*"(\/|[A-Za-z]:)/;

const LOOK_EVERY_MS = 50;

/**
 * A bundle from the folder that {@link KEPT_BUNDLES} names, or a new one, which is then kept there. Without the variable every
 * bundle is new. Tests deploy the whole program dozens of times, and bundling is most of what a deployment costs. Of
 * processes that need the same bundle at the same time, one makes it and the others wait. The project's sources must not
 * change while the folder is in use.
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
  const claim = `${file}.claim`;
  const keptCode = () => readFile(file, "utf8").catch(() => undefined);
  for (;;) {
    const kept = await keptCode();
    if (kept !== undefined) return kept;
    if (await claims(claim)) break;
    await sleep(LOOK_EVERY_MS);
  }
  try {
    // Another process may have kept the bundle and ended its claim since this one looked.
    const kept = await keptCode();
    if (kept !== undefined) return kept;
    const code = await make();
    // No process may read half of it.
    const temporary = `${file}.${randomUUID()}`;
    await writeFile(temporary, code);
    await rename(temporary, file);
    return code;
  } finally {
    await rm(claim, { force: true });
  }
}

/** Whether this process is the one to make the bundle. A claim ends with its process, even a killed one. */
async function claims(claim: string): Promise<boolean> {
  const own = `${claim}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    // Unlike an exclusive write, a link never leaves a claim without its text.
    await link(own, claim);
    return true;
  } catch {
    const owner = Number(await readFile(claim, "utf8").catch(() => ""));
    // Two processes may find the same claim left behind. Then both make the bundle, which does no harm.
    if (owner > 0 && !isAlive(owner)) await rm(claim, { force: true });
    return false;
  } finally {
    await rm(own);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
