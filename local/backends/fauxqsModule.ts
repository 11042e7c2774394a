import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** An internal module of fauxqs, for parts that have to be patched in place. */
export async function fauxqsModule<T>(path: string): Promise<T> {
  const manifest = findPackageJSON("fauxqs", __filename);
  return (await import(pathToFileURL(join(dirname(manifest ?? ""), path)).href)) as T;
}
