/** Generates the file that registers a user's modules in the bundle. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "./fields";

/** Modules of the user: name to path, from the project's folder. */
export type Modules = Readonly<Record<string, string>>;

/** The kinds of users' modules: operations that read, and updates. Each kind has its own config option. */
export type ModuleKind = "operations" | "updates";

/** The file of the bundle that the generated one replaces, and its other exports beside the modules. */
const registered: Readonly<Record<ModuleKind, { file: string; name: string; more?: string }>> = {
  operations: { file: "shared/operations/user/userOperations.ts", name: "userOperations" },
  updates: {
    file: "shared/operations/user/userUpdates.ts",
    name: "userUpdates",
    more: 'export { userUpdateWork as updateWork } from "./userUpdateWork";\n',
  },
};

/**
 * The names of Sluice's own operations, and of planned ones. A user's operation of such a name would never run, or would
 * stop running with the next version. Infrastructure never imports operations; a test compares the list with their
 * registry.
 */
const RESERVED = ["count", "export", "update", "delete", "copy", "undo"];

/** The modules in the text of a config option: `name=path` separated by commas. */
export function namedModules(text: string): Modules {
  return Object.fromEntries(entriesOf(text));
}

/** Duplicate names, and the problems of names and files. Paths are relative to the project's folder. */
export function namedModuleProblems(kind: ModuleKind, text: string): Problem[] {
  const names = entriesOf(text).map(([name]) => name);
  const twice = new Set(names.filter((name, index) => names.indexOf(name) < index));
  const rule = "must be given once";
  return [
    ...[...twice].map((name) => ({ code: "DUPLICATE_OPERATION", option: `${kind}.${name}`, rule, value: name })),
    ...moduleProblems(kind, namedModules(text), resolve(".")),
  ];
}

function entriesOf(text: string): [string, string][] {
  return text === "" ? [] : text.split(",").map((each) => each.split("=") as [string, string]);
}

/** Problems of names and files. @param root the folder that paths are relative to. */
export function moduleProblems(kind: ModuleKind, modules: Modules, root: string): Problem[] {
  return Object.entries(modules).flatMap(([name, path]) => {
    const option = `${kind}.${name}`;
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
 * The files that register the modules in a bundle: path to text. None if there are no modules. A module's default export is
 * imported by name, so that a module without one does not build. With an import of the whole module, only the first page of a
 * job would notice its absence.
 */
export function registeredModules(kind: ModuleKind, modules: Modules, root: string): Record<string, string> {
  const entries = Object.entries(modules);
  if (entries.length === 0) return {};
  const { file, name, more = "" } = registered[kind];
  const imports = entries.map(
    ([, path], index) => `import page${index}, * as module${index} from ${JSON.stringify(resolve(root, path))};`,
  );
  const members = entries.map(
    ([name], index) => `${JSON.stringify(name)}: { ...module${index}, default: page${index} }`,
  );
  return { [file]: `${imports.join("\n")}\nexport const ${name} = { ${members.join(", ")} };\n${more}` };
}
