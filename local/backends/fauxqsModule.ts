import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** A module inside of fauxqs that it does not export, for what has to be mended in place. */
export async function fauxqsModule<T>(path: string): Promise<T> {
  const manifest = findPackageJSON("fauxqs", __filename);
  return (await import(pathToFileURL(join(dirname(manifest ?? ""), path)).href)) as T;
}
