import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { withShortRules } from "../../../shared/infra/endpointRules";

const packages = resolve(__dirname, "../../../node_modules/@aws-sdk");

/** The decision diagram that a file makes. */
function diagramOf(source: string): { nodes: Int32Array; root: number } {
  const body = source.replace(/^import .*;$/m, "").replace("export const bdd =", "return");
  const BinaryDecisionDiagram = { from: (nodes: Int32Array, root: number) => ({ nodes, root }) };
  return new Function("BinaryDecisionDiagram", body)(BinaryDecisionDiagram);
}

test.each(["s3", "dynamodb", "sqs", "eventbridge", "glue"])("the rules of %s are the same in fewer bytes", (client) => {
  const source = readFileSync(join(packages, `client-${client}/dist-es/endpoint/bdd.js`), "utf8");
  const short = withShortRules(source);
  expect(short).toContain("Int32Array.from(");
  expect(short.length).toBeLessThan(source.length);
  expect(diagramOf(short)).toEqual(diagramOf(source));
});

test.each([
  ["another offset", "const r = 1000;\nnew Int32Array([\n    -1, 1, -1,\n    0, 3, r + 1,\n]);"],
  ["numbers that are too large", "const r = 100_000_000;\nnew Int32Array([\n    -1, 1, -1,\n    0, 648, r + 1,\n]);"],
  ["other contents", "const r = 100_000_000;\nnew Int32Array([a, b]);"],
  ["no list", "export const bdd = 1;"],
])("rules with %s are left as they are", (_, source) => {
  expect(withShortRules(source)).toBe(source);
});
