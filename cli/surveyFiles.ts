import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../shared/errors";

/**
 * The survey files of a path: the file itself, or all `*.json` of a folder (without subfolders) in the order of their
 * names.
 *
 * @throws SluiceError `NO_SUCH_PATH`, `NO_SURVEYS`
 */
export async function surveyFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause) => {
    throw new SluiceError("NO_SUCH_PATH", `There is no file or folder ${path}.`, { value: path, cause });
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.name.endsWith(".json") && !entry.isDirectory()).map(({ name }) => name);
  if (names.length === 0) throw new SluiceError("NO_SURVEYS", `Folder ${path} holds no *.json file.`, { value: path });
  return names.sort().map((name) => join(path, name));
}
