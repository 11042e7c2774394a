import type { FinishedJob, Page, Tools } from "../../../shared/operations/operation";
import { readingOperations } from "../../../shared/operations/reading";
import { isWriting, operationNamed, operationNames, ownOperations } from "../../../shared/operations/registry";
import { writingOperations } from "../../../shared/operations/writing";

jest.mock("../../../shared/operations/user/userOperations", () => ({
  userOperations: {
    plain: { default: () => new Map() },
    whole: {
      default: (page: { items: unknown[] }, soFar = 0, tools: { bucket: string }) => ({
        n: soFar + page.items.length,
        tools: tools.bucket,
      }),
      check: ({ width }: { width?: number }) => (width === undefined ? ["params.width must be given."] : []),
      pure: true,
      finish: async (job: { id: string }) => (job.id === "bad" ? { at: new Date(0) } : job.id),
    },
    impure: { default: () => 1, pure: false },
    unsure: { default: () => 1, pure: "true", check: () => ["params.width must be given."] },
    wrong: { default: () => 1, pure: 1 },
  },
}));

const page = { items: [{}, {}] } as unknown as Page;
const tools = { bucket: "results" } as Tools;
const job = (id: string) => ({ id }) as FinishedJob;
async function* none() {}

test("Sluice's own operations come first, the user's after them", () => {
  expect(operationNames()).toEqual([
    "count",
    "export",
    "update",
    "delete",
    "copy",
    "undo",
    "plain",
    "whole",
    "impure",
    "unsure",
    "wrong",
  ]);
  expect(Object.keys(ownOperations)).toEqual(["count", "export", "update", "delete", "copy", "undo"]);
});

test("there is no operation of another name, not even with the name of an Object property", () => {
  for (const name of ["cuont", "constructor", "toString", "__proto__"]) expect(operationNamed(name)).toBeUndefined();
});

test("Sluice's own reading operations have no free params, and change nothing", () => {
  for (const name of ["count", "export"]) {
    expect(operationNamed(name)).toBe(ownOperations[name]);
    expect(operationNamed(name)!.freeParams).toBeUndefined();
    expect(operationNamed(name)!.changes).toBeUndefined();
  }
});

test("workers know the work of all declared operations: each kind of workers knows its own operations", () => {
  const own = Object.keys(ownOperations);
  expect(Object.keys(readingOperations.own)).toEqual(own.filter((name) => !isWriting(name)));
  expect(Object.keys(writingOperations.own)).toEqual(own.filter(isWriting));
  for (const set of [readingOperations, writingOperations]) {
    for (const [name, work] of Object.entries(set.own)) {
      expect(set.named(name)).toBe(work);
      expect(work.writes ?? false).toBe(ownOperations[name]!.changes !== undefined);
    }
    expect(set.named("constructor")).toBeUndefined();
  }
});

test("a user's own operation has free params, and gets page, result so far and tools", async () => {
  const whole = readingOperations.named("whole")!;
  expect(operationNamed("whole")!.freeParams).toBe(true);
  expect(await whole.page(page, 3, tools)).toEqual({ n: 5, tools: "results" });
  expect(operationNamed("whole")!.check!({})).toEqual(["params.width must be given."]);
  expect(await whole.finish!(job("a"), none(), tools)).toBe("a");
});

test("a result that a checkpoint cannot keep is refused, from a page and from the end", async () => {
  await expect(readingOperations.named("plain")!.page(page, undefined, tools)).rejects.toMatchObject({
    code: "RESULT_NOT_JSON",
  });
  await expect(readingOperations.named("whole")!.finish!(job("bad"), none(), tools)).rejects.toMatchObject({
    code: "RESULT_NOT_JSON",
  });
});

test("the operation lacks the parts that the user's module doesn't export", () => {
  expect(Object.keys(operationNamed("plain")!)).toEqual(["freeParams"]);
  expect(Object.keys(readingOperations.named("plain")!)).toEqual(["page"]);
});

test("a user's own operation is pure only if its module declares that; counting is pure", () => {
  const pure = (name: string) => readingOperations.named(name)!.pure;
  expect(["count", "whole", "plain", "impure"].map(pure)).toEqual([true, true, undefined, undefined]);
});

test("a module whose `pure` is no boolean is refused at the start, and has a checkpoint after each page", () => {
  const problem = (type: string) => `The operation's module must export pure as true or false, got ${type}.`;
  expect(operationNamed("unsure")!.check!({})).toEqual([problem("string"), "params.width must be given."]);
  expect(operationNamed("wrong")!.check!({})).toEqual([problem("number")]);
  expect(readingOperations.named("unsure")!.pure).toBeUndefined();
});
