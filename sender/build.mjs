/**
 * Builds the package into dist/: `npm run build -w sender`, and before `npm pack`.
 *
 *   index.mjs, index.cjs      for Node; the AWS SDK stays a dependency
 *   native.js                 for phones and browsers; all in one file, because React Native's bundler leaves nothing out
 *   *.d.mts, *.d.cts          types, for both kinds of modules
 */
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
const NOTICE =
  "/* Contains parts of @smithy/core, @smithy/signature-v4 and @smithy/types, Apache-2.0, Amazon.com, Inc. */";

const common = {
  entryPoints: [join(HERE, "index.ts")],
  bundle: true,
  charset: "utf8",
  legalComments: "inline",
  logLevel: "warning",
};
const forNode = { ...common, platform: "node", target: "node20", packages: "external" };
const forPhones = {
  ...common,
  platform: "browser",
  target: "es2020",
  format: "cjs",
  mainFields: ["react-native", "browser", "module", "main"],
  conditions: ["react-native", "import"],
  resolveExtensions: [".native.ts", ".ts", ".js", ".json"],
  banner: { js: NOTICE },
};

/** tsc's declarations, with the file extensions that Node's resolution requires. */
async function writeTypes() {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(HERE, "tsconfig.json")], { stdio: "inherit" });
  const types = join(DIST, "types");
  for (const file of await readdir(types)) {
    const text = await readFile(join(types, file), "utf8");
    for (const [declaration, script] of [
      ["d.mts", "mjs"],
      ["d.cts", "cjs"],
    ]) {
      const imports = text.replace(/((?:from|import\()\s*"\.\/[\w.]+)"/g, `$1.${script}"`);
      await writeFile(join(DIST, file.replace(/d\.ts$/, declaration)), imports);
    }
  }
  await rm(types, { recursive: true });
}

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST);
await Promise.all([
  build({ ...forNode, format: "esm", outfile: join(DIST, "index.mjs") }),
  build({ ...forNode, format: "cjs", outfile: join(DIST, "index.cjs") }),
  build({ ...forPhones, outfile: join(DIST, "native.js") }),
  writeTypes(),
]);
