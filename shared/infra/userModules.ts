/** From the modules that a user names to the file that registers them in the bundle. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "./fields";

/** The file of the bundle that the generated one takes the place of. */
export const USER_OPERATIONS_FILE = "shared/operations/user/userOperations.ts";

/**
 * The names of Sluice's own operations, and of those that come next. A user's operation of such a name would never run, or
 * no longer after the next version. Infrastructure never imports operations; a test compares the list with their registry.
 */
const RESERVED = ["count", "export", "update", "delete", "copy"];

/** Problems of names and files. @param root what paths are relative to. */
export function moduleProblems(modules: Readonly<Record<string, string>>, root: string): Problem[] {
  return Object.entries(modules).flatMap(([name, path]) => {
    const option = `operations.${name}`;
    const problem = (rule: string, value: string): Problem => ({ code: "INVALID_OPERATION", option, rule, value });
    if (!/^[A-Za-z]\w{0,39}$/.test(name)) return [problem("must be named by 1 to 40 letters and digits", name)];
    if (RESERVED.includes(name)) return [problem(`must not be one of ${RESERVED.join(", ")}`, name)];
    if (!isFile(resolve(root, path))) return [problem("must be the path of a module", path)];
    return [];
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * The text of the file that imports each module and lists it under its name. What a module exports by default is imported
 * by itself, so that one without does not build; of the whole module it would only be missed by the first page of a job.
 */
export function userOperationsFile(modules: Readonly<Record<string, string>>, root: string): string {
  const entries = Object.entries(modules);
  const imports = entries.map(
    ([, path], index) => `import page${index}, * as module${index} from ${JSON.stringify(resolve(root, path))};`,
  );
  const members = entries.map(
    ([name], index) => `${JSON.stringify(name)}: { ...module${index}, default: page${index} }`,
  );
  return `${imports.join("\n")}\nexport const userOperations = { ${members.join(", ")} };\n`;
}
