import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { bundle } from "../../../shared/infra/bundle";
import { moduleProblems, registeredModules } from "../../../shared/infra/userModules";
import { ownOperations } from "../../../shared/operations/registry";

const ROOT = resolve(__dirname, "../../..");
const FILE = "shared/operations/user/userOperations.ts";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-operations-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return `./${name}`;
}

describe("problems of modules", () => {
  test("none, if names are valid and files exist", () => {
    const path = write("mine.ts", "export default () => 1;");
    expect(moduleProblems("operations", {}, folder)).toEqual([]);
    expect(moduleProblems("operations", { mine: path, Mine2: join(folder, "mine.ts"), a_b: path }, folder)).toEqual([]);
  });

  test.each(["", "2nd", "my-op", "a b", "x".repeat(41), "__proto__"])("the name %j", (name) => {
    const modules = Object.fromEntries([[name, write("mine.ts", "")]]);
    const rule = "must be named by 1 to 40 letters and digits";
    expect(moduleProblems("operations", modules, folder)).toEqual([
      { code: "INVALID_OPERATION", option: `operations.${name}`, rule, value: name },
    ]);
  });

  test.each([...new Set([...Object.keys(ownOperations), "count", "export", "update", "delete", "copy", "undo"])])(
    "the name of our own operation, now or in the next version: %s",
    (name) => {
      const rule = "must not be one of count, export, update, delete, copy, undo";
      expect(moduleProblems("operations", { [name]: write("mine.ts", "") }, folder)).toEqual([
        { code: "INVALID_OPERATION", option: `operations.${name}`, rule, value: name },
      ]);
    },
  );

  test.each(["./gone.ts", "./folder", ""])("the path %j", (path) => {
    mkdirSync(join(folder, "folder"));
    expect(moduleProblems("operations", { mine: path }, folder)).toMatchObject([
      { code: "INVALID_OPERATION", option: "operations.mine", rule: "must be the path of a module", value: path },
    ]);
  });

  test("all problems are reported", () => {
    const problems = moduleProblems("operations", { count: "./a.ts", mine: "./b.ts", "x y": "./c.ts" }, folder);
    expect(problems.map(({ option }) => option)).toEqual(["operations.count", "operations.mine", "operations.x y"]);
  });
});

/** Bundles the generated text alone and runs it. */
async function run(modules: Record<string, string>): Promise<Record<string, Record<string, unknown>>> {
  const contents = registeredModules("operations", modules, folder)[FILE]!;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" },
    bundle: true,
    write: false,
    format: "cjs",
    logLevel: "silent",
  });
  const module = { exports: {} as { userOperations: Record<string, Record<string, unknown>> } };
  new Function("module", "exports", outputFiles[0]!.text)(module, module.exports);
  return module.exports.userOperations;
}

describe("the generated file", () => {
  test("lists each module's function and its other exports under its name", async () => {
    const text =
      "export default (page: { items: unknown[] }) => page.items.length;\nexport const check = () => ['no'];\n";
    const operations = await run({
      sum: write('it\'s "odd".ts', text),
      other: write("other.ts", "export default () => 2;"),
    });
    expect(Object.keys(operations)).toEqual(["sum", "other"]);
    expect((operations.sum!.default as (page: object) => unknown)({ items: [1, 2] })).toBe(2);
    expect((operations.sum!.check as () => unknown)()).toEqual(["no"]);
    expect((operations.other!.default as () => unknown)()).toBe(2);
  });

  test("there is no text if there are no modules", () => {
    expect(registeredModules("operations", {}, folder)).toEqual({});
  });

  test("does not build if a module has no function as its default export", async () => {
    const path = write("named.ts", "export const histogram = () => 1;");
    await expect(run({ mine: path })).rejects.toThrow(/No matching export .* for import "default"/);
  });
});

describe("the functions' bundles", () => {
  const modules = { histogram: "examples/ownOperation/histogram.ts" };
  const replaced = registeredModules("operations", modules, ROOT);

  test.each(["jobs/handlers/start", "scanner/handlers/work"])(
    "%s has a user's operation in it, and grows only by that",
    async (handler) => {
      const entry = `services/${handler}.ts`;
      const [plain, extended] = await Promise.all([bundle(entry), bundle(entry, replaced)]);
      expect(plain).not.toContain("params.attribute must name an attribute.");
      expect(extended).toContain("params.attribute must name an attribute.");
      expect(extended.length - plain.length).toBeLessThan(3_000);
    },
  );

  test.each(["jobs/handlers/start", "backfill/handlers/work"])(
    "%s has a user's update in it, and the code that makes an operation of it, and still fits",
    async (handler) => {
      const entry = `services/${handler}.ts`;
      const updates = registeredModules("updates", { addSortKey: "test/fixtures/updates/addSortKey.ts" }, ROOT);
      const [plain, extended] = await Promise.all([bundle(entry), bundle(entry, updates)]);
      const made = "An update function must not change the item";
      expect(plain).not.toMatch(new RegExp(`GSISK of the update|${made}`));
      expect(extended).toContain("GSISK of the update");
      expect(extended.includes(made)).toBe(handler.startsWith("backfill"));
      expect(Buffer.byteLength(extended)).toBeLessThanOrEqual(480_000);
    },
  );

  test("a text for a file that is not in the bundle is an error, because it would be left out silently", async () => {
    const nowhere = { "services/scanner/userOperation.ts": "export const userOperations = {};" };
    await expect(bundle("services/jobs/handlers/start.ts", nowhere)).rejects.toMatchObject({
      code: "NOT_IN_BUNDLE",
    });
  });
});
