import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { clientPlugins } from "../../../shared/infra/clientPlugins";
import { withFirstSentences, withoutDescriptions } from "../../../shared/infra/shortClients";

const packages = resolve(__dirname, "../../../node_modules/@aws-sdk");

/** What a file of the SDK exports, bundled with the plug-ins. */
async function exportsOf(file: string, plugins: Plugin[]): Promise<Record<string, unknown>> {
  const { outputFiles } = await build({
    ...{ entryPoints: [join(packages, file)], bundle: true, write: false as const, plugins },
    ...{ platform: "node", format: "cjs", mainFields: ["module", "main"] },
  });
  const made = { exports: {} };
  new Function("module", "require", outputFiles[0]!.text)(made, createRequire(__filename));
  return made.exports;
}

/** All schemas of a file as text. Those that they refer to are there by their names. */
function schemasIn(exported: Record<string, unknown>): string {
  const named = (_: string, value: unknown) => (typeof value === "function" ? String(value()?.[2]) : value);
  return JSON.stringify(
    Object.entries(exported).filter(([, schema]) => Array.isArray(schema)),
    named,
  );
}

test.each(["s3", "dynamodb", "sqs", "eventbridge"])("the schemas of %s are the same", async (client) => {
  const file = `client-${client}/dist-es/schemas/schemas_0.js`;
  const [short, whole] = await Promise.all([exportsOf(file, clientPlugins()), exportsOf(file, [])]);
  expect(schemasIn(short).length).toBeGreaterThan(1000);
  expect(schemasIn(short)).toBe(schemasIn(whole));
});

test("of regions only the descriptions are left out", () => {
  const file = join(packages, "core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js");
  const read = (source: string) => new Function(source.replace("export const partitionsInfo =", "return"))();
  const source = readFileSync(file, "utf8");
  const expected = JSON.parse(
    JSON.stringify(read(source), (key, value) => (key === "description" ? undefined : value)),
  );
  expect(read(withoutDescriptions(source))).toEqual(expected);
  expect(withoutDescriptions(source)).not.toContain("description");
});

test.each([
  ['throw new Error("One. " +\n  "Two. " +\n  `Three "3".`);', 'throw new Error("One. ");'],
  ["throw new Error(`One. ` +\n  `Two`);", "throw new Error(`One. `);"],
  ['throw new Error("One.");', 'throw new Error("One.");'],
  ["a + b", "a + b"],
])("of %j the first sentence stays", (source, short) => {
  expect(withFirstSentences(source)).toBe(short);
});
