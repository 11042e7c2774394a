/**
 * `node --import ./loader.mjs FILE.ts` runs a file of the project by tsx, with short cuts. tsx alone would take most of a
 * command's CPU: it searches the code of every package for the syntax of ES modules, and works on hundreds of our own modules
 * in every process. So Node itself loads packages, resolves relative paths, and keeps what V8 compiled. Our own modules are
 * translated once. A translation is kept under the hash of its source, so no command runs stale code.
 */
import { hash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module, { createRequire, enableCompileCache } from "node:module";
import { basename, join, sep } from "node:path";

const PROJECT = import.meta.dirname + sep;
const PACKAGE = /[\\/]node_modules[\\/]/;
const CACHE = join(PROJECT, "node_modules/.cache/sluice");
const require = createRequire(import.meta.url);
const { version } = require("esbuild/package.json");

// Unless NODE_COMPILE_CACHE names a folder.
enableCompileCache(join(CACHE, "compiled"));

const loaders = Module._extensions;
const byNode = { ...loaders, resolve: Module._resolveFilename };
await import("tsx");
const byTsx = { ...loaders, resolve: Module._resolveFilename };

loaders[".js"] = (module, file) => (PACKAGE.test(file) ? byNode : byTsx)[".js"](module, file);

loaders[".ts"] = (module, file) => {
  const own = file.startsWith(PROJECT) && !PACKAGE.test(file);
  const code = own ? translated(file) : undefined;
  if (code === undefined) byTsx[".ts"](module, file);
  else module._compile(code, file);
};

Module._resolveFilename = (path, parent, ...options) => {
  const byPackage = PACKAGE.test(parent?.filename);
  if (byPackage || path.startsWith(".")) {
    try {
      // Without its ending, Node would find prices.json beside prices.ts.
      return byNode.resolve(byPackage ? path : `${path}.ts`, parent, ...options);
    } catch {}
  }
  return byTsx.resolve(path, parent, ...options);
};

/** A module as CommonJS, or undefined if esbuild can't translate it: tsx's message names the file. */
function translated(file) {
  const source = readFileSync(file, "utf8");
  const kept = join(CACHE, `${hash("sha256", JSON.stringify([version, basename(file), source]))}.cjs`);
  try {
    return readFileSync(kept, "utf8");
  } catch {}
  try {
    const { code } = require("esbuild").transformSync(source, {
      ...{ loader: "ts", format: "cjs", platform: "node", target: "node22", tsconfigRaw: {} },
      // Relative to the module's folder, so that all copies of the project can share it.
      ...{ sourcefile: basename(file), sourcemap: "inline", sourcesContent: false, logLevel: "silent" },
    });
    keep(kept, code);
    return code;
  } catch {
    return undefined;
  }
}

/** Without a folder that it can write to, a command only starts more slowly. */
function keep(file, code) {
  try {
    mkdirSync(CACHE, { recursive: true });
    // No process may read half of it.
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, code);
    renameSync(temporary, file);
  } catch {}
}
