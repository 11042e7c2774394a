/**
 * Applies the rules of .dependency-cruiser.cjs to file trees: `node cruise.mjs [folder]...` prints, as JSON, one graph and its
 * violations a folder. A process of its own because dependency-cruiser is an ES module, which jest does not load.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cruise } from "dependency-cruiser";

const require = createRequire(import.meta.url);
const { forbidden, options } = require("../../.dependency-cruiser.cjs");
const { include } = require("../../tsconfig.json");

async function graphOf(baseDir) {
  const roots = include.filter((root) => existsSync(join(baseDir, root)));
  const { output } = await cruise(roots, { ...options, baseDir, ruleSet: { forbidden }, validate: true });
  return {
    imports: output.modules.map(({ source, dependencies }) => [source, dependencies.map(({ resolved }) => resolved)]),
    violations: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

const graphs = [];
for (const folder of process.argv.slice(2)) graphs.push(await graphOf(folder));
process.stdout.write(JSON.stringify(graphs));
