import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEPT_BUNDLES, keptBundle } from "../../../shared/infra/keptBundles";

const before = process.env[KEPT_BUNDLES];
let folder: string;
let made: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-kept-"));
  process.env[KEPT_BUNDLES] = folder;
  made = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  if (before === undefined) delete process.env[KEPT_BUNDLES];
  else process.env[KEPT_BUNDLES] = before;
});

const get = (entry: string, replaced: Record<string, string> = {}) =>
  keptBundle(entry, replaced, async () => {
    made.push(entry);
    return `bundle of ${JSON.stringify([entry, replaced])}`;
  });

test("one entry with the same texts is bundled once", async () => {
  const first = await get("a.ts", { "b.ts": "text" });
  expect(await get("a.ts", { "b.ts": "text" })).toBe(first);
  expect(made).toEqual(["a.ts"]);
  expect(readdirSync(folder)).toHaveLength(1);
});

test("of those that need the same bundle at the same time, one makes it", async () => {
  const bundles = await Promise.all([get("a.ts"), get("a.ts"), get("a.ts")]);
  expect(new Set(bundles).size).toBe(1);
  expect(made).toEqual(["a.ts"]);
});

test("a bundle that another one keeps between the look for it and the claim is taken", async () => {
  const looks = jest.spyOn(promises, "readFile").mockImplementationOnce(async () => {
    await get("a.ts");
    throw new Error("no such file when this look began");
  });
  await get("a.ts");
  looks.mockRestore();
  expect(made).toEqual(["a.ts"]);
});

test("a bundle that can't be made is made again by the next", async () => {
  const begun = Promise.withResolvers<void>();
  const refused = keptBundle("a.ts", {}, () => {
    begun.resolve();
    return Promise.reject(new Error("no such file"));
  });
  const next = begun.promise.then(() => get("a.ts"));
  await expect(refused).rejects.toThrow("no such file");
  expect(await next).toContain("a.ts");
});

test("whoever was killed while making a bundle keeps nobody waiting", async () => {
  const bundle = await get("a.ts");
  const [file = ""] = readdirSync(folder);
  const { pid } = spawnSync("true");
  writeFileSync(join(folder, `${file}.claim`), String(pid));
  rmSync(join(folder, file));
  expect(await get("a.ts")).toBe(bundle);
  expect(readdirSync(folder)).toEqual([file]);
});

test("another entry and another text have bundles of their own", async () => {
  const bundles = [await get("a.ts"), await get("b.ts"), await get("a.ts", { "b.ts": "text" })];
  expect(new Set(bundles).size).toBe(3);
  expect(made).toHaveLength(3);
});

test("a user's module may change, so its bundle is never kept", async () => {
  const replaced = { "shared/operations/user/userOperations.ts": 'import page0 from "/home/ada/operation.ts";' };
  await get("a.ts", replaced);
  await get("a.ts", replaced);
  expect(made).toHaveLength(2);
  expect(readdirSync(folder)).toEqual([]);
});

test("an entry outside the project may change, so its bundle is never kept", async () => {
  await get("/tmp/a.ts");
  await get("/tmp/a.ts");
  expect(made).toHaveLength(2);
});

test("without a folder nothing is kept", async () => {
  delete process.env[KEPT_BUNDLES];
  await get("a.ts");
  await get("a.ts");
  expect(made).toHaveLength(2);
});
