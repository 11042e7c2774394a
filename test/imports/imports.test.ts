import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { include } from "../../tsconfig.json";
import { FOLDER_RULE, folderCycles } from "./folderCycles";
import { type Graph, graphsOf, type Violation } from "./graph";
import { allowed, mutations, writeTree } from "./mutations";
import { type Temporary, temporary } from "./temporary";

interface Rule {
  name: string;
  from: { path?: string | string[] };
}

const { forbidden } = require("../../.dependency-cruiser.cjs") as { forbidden: Rule[] };
const ROOT = resolve(__dirname, "../..");

function violationsOf(graph: Graph): Violation[] {
  return [...graph.violations, ...folderCycles(graph)];
}

function matches({ rule, from, to }: Temporary, violation: Violation): boolean {
  return rule === violation.rule && from.test(violation.from) && to.test(violation.to);
}

describe("the import graph", () => {
  let graph: Graph;
  let files: Set<string>;

  beforeAll(async () => {
    [graph] = (await graphsOf([ROOT])) as [Graph];
    files = new Set(graph.imports.map(([file]) => file));
  });

  test("holds every file", () => {
    const onDisk = include.flatMap((root) =>
      root.endsWith(".ts")
        ? [root]
        : readdirSync(join(ROOT, root), { recursive: true, encoding: "utf8" }).map((file) => join(root, file)),
    );
    expect(onDisk.filter((file) => file.endsWith(".ts") && !files.has(file))).toEqual([]);
    expect(graph.imports.find(([file]) => file === "index.ts")?.[1]).toContain("services/ingest/component.ts");
  });

  test("breaks no rule", () => {
    const found = violationsOf(graph).filter((violation) => !temporary.some((each) => matches(each, violation)));
    expect(found.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`)).toEqual([]);
  });

  test("needs every exception that is temporary", () => {
    const found = violationsOf(graph);
    expect(temporary.filter((each) => !found.some((violation) => matches(each, violation)))).toEqual([]);
  });

  test("has files that each rule is about", () => {
    const idle = forbidden.filter(({ from: { path = "" } }) => {
      const patterns = [path].flat().map((each) => new RegExp(each));
      return !patterns.every((pattern) => [...files].some((file) => pattern.test(file)));
    });
    expect(idle.map(({ name }) => name)).toEqual([]);
  });

  test.each(["", "shared"])('has a rule for every folder in "%s"', (parent) => {
    const prefix = parent === "" ? "" : `${parent}/`;
    const inside = [...files].filter((file) => file.startsWith(prefix) && include.includes(file.split("/")[0] ?? ""));
    const folders = new Set(inside.map((file) => file.slice(prefix.length).split("/")).flatMap(folderIn));
    const patterns = forbidden.flatMap(({ from: { path = [] } }) => path);
    expect([...folders].filter((folder) => !patterns.includes(`^${prefix}${folder}/`))).toEqual([]);
  });
});

function folderIn([folder, ...rest]: string[]): string[] {
  return folder !== undefined && rest.length > 0 ? [folder] : [];
}

describe("the rules", () => {
  const trees = [...mutations, ...allowed];
  let folder: string;
  let graphs: Graph[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sluice-imports-"));
    await Promise.all(trees.map((tree, index) => writeTree(join(folder, String(index)), tree)));
    graphs = await graphsOf(trees.map((_, index) => join(folder, String(index))));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  function rulesBroken(index: number): string[] {
    return [...new Set(violationsOf(graphs[index] as Graph).map(({ rule }) => rule))];
  }

  test("are all broken below", () => {
    const broken = new Set(mutations.map(({ rule }) => rule));
    expect(broken).toEqual(new Set([...forbidden.map(({ name }) => name), FOLDER_RULE]));
  });

  test.each(mutations.map((each, index) => [each.rule, text(each.imports), index] as const))(
    "%s, and no other rule, forbids %s",
    (rule, _, index) => expect(rulesBroken(index)).toEqual([rule]),
  );

  test.each(allowed.map(({ imports }, index) => [text(imports), mutations.length + index] as const))(
    "allow %s",
    (_, index) => expect(rulesBroken(index)).toEqual([]),
  );
});

function text(imports: readonly (readonly [string, string])[]): string {
  return imports.map(([from, to]) => `${from} → ${to}`).join(", ");
}
