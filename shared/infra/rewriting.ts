import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/** A plug-in of esbuild that replaces the text of packages' files. */
export function rewriting(name: string, filter: RegExp, rewrite: (source: string, path: string) => string): Plugin {
  return {
    name,
    setup: ({ onLoad }) => {
      onLoad({ filter }, async ({ path }) => ({ contents: rewrite(await readFile(path, "utf8"), path), loader: "js" }));
    },
  };
}
