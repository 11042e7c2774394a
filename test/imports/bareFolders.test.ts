import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const FOLDERS = ["bench", "cli", "examples", "local", "sender", "services", "shared", "soak", "test"];

function sources(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  );
  return ["index.ts", ...inFolders].filter((file) => /\.(ts|mjs)$/.test(file));
}

/** Relative paths that a source imports, as it spells them. */
function relativeImports(text: string): string[] {
  return [...text.matchAll(/(?:from|import|require)\s*\(?\s*"(\.[^"]*)"/g)].map(([, path]) => path as string);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

test("no import names a bare folder: a file such as sender.json beside sender/ would take its place", () => {
  const bare = sources().flatMap((file) =>
    relativeImports(readFileSync(join(ROOT, file), "utf8"))
      .filter((path) => isFolder(resolve(ROOT, dirname(file), path)))
      .map((path) => `${file} → ${path}`),
  );
  expect(bare).toEqual([]);
});

test.each([
  'import { createSender } from "../folder";',
  'export type { Sender } from "../folder";',
  'const { createSender } = await import("../folder");',
  'const { createSender } = require("../folder");',
])("the check sees %s", (source) => {
  expect(relativeImports(source)).toEqual(["../folder"]);
});
