import fc from "fast-check";
import { sameItem } from "../../../../shared/aws/expressions/sameValue";
import type { Item } from "../../../../shared/aws/itemSize";
import { applied } from "../../../../shared/writing/applied";
import { type UpdateFunction, type UserUpdateOptions, userUpdate } from "../../../../shared/writing/update/userUpdate";
import { arbitraryItem } from "../../aws/expressions/arbitraryConditions";
import { orders } from "./tables";

const item: Item = {
  id: { S: "1" },
  Status: { S: "open" },
  Address: { M: { City: { S: "Bonn" }, Lines: { L: [{ S: "a" }] }, Raw: { B: Uint8Array.of(1) } } },
};
const already = { do: "count", outcome: "already" };
const skipped = { do: "count", outcome: "skipped" };

const verdictOf = (fn: UpdateFunction, given: Item = item, options: UserUpdateOptions = {}) =>
  userUpdate(fn, orders, options).verdict(given);

/** A function that returns what the types don't allow. */
const returning = (change: unknown) => () => change as ReturnType<UpdateFunction>;

const addSortKey: UpdateFunction = ({ Status }) =>
  Status?.S === undefined ? undefined : { set: { GSISK: { S: `${Status.S}#` } }, remove: ["Old"] };

test("a change has the attributes that differ, and those that it depends on: read, set and removed ones", () => {
  expect(verdictOf(addSortKey)).toEqual({
    do: "change",
    set: { GSISK: { S: "open#" } },
    remove: [],
    read: [["Status"], ["GSISK"], ["Old"]],
  });
});

test.each<[string, Item, object]>([
  ["an item as wanted counts as `already`", { ...item, GSISK: { S: "open#" } }, already],
  ["undefined skips the item", { id: { S: "1" } }, skipped],
])("%s", (_, given, verdict) => expect(verdictOf(addSortKey, given)).toEqual(verdict));

describe("the attributes that the function reads", () => {
  const set = { set: { to: { S: "x" } } };

  test.each<[string, UpdateFunction, string[]]>([
    ["nothing", () => set, ["to"]],
    ["an attribute", ({ Status }) => (Status ? set : undefined), ["Status", "to"]],
    ["an attribute that is missing", ({ Gone }) => (Gone ? undefined : set), ["Gone", "to"]],
    ["whether an attribute exists", (all) => ("Gone" in all ? undefined : set), ["Gone", "to"]],
    ["whether an attribute is the item's own", (all) => (Object.hasOwn(all, "Gone") ? undefined : set), ["Gone", "to"]],
    [
      "the names of all attributes",
      (all) => (Object.keys(all).length > 9 ? undefined : set),
      ["id", "Status", "Address", "to"],
    ],
    [
      "all, by spreading",
      (all) => (Object.entries({ ...all }).length > 9 ? undefined : set),
      ["id", "Status", "Address", "to"],
    ],
    ["all, as JSON", (all) => (JSON.stringify(all) ? set : undefined), ["id", "Status", "Address", "to"]],
    [
      "all, by a loop",
      (all) => {
        for (const name in all) if (name === "x") return undefined;
        return set;
      },
      ["id", "Status", "Address", "to"],
    ],
  ])("%s", (_, fn, read) => {
    const verdict = verdictOf(fn);
    expect(verdict).toMatchObject({ do: "change" });
    const names = "read" in verdict ? verdict.read.map((path) => path.join()) : [];
    expect(names.sort()).toEqual([...read].sort());
  });

  test("reads declares the attributes instead", () => {
    expect(verdictOf(() => set, item, { reads: ["Status"] })).toMatchObject({ read: [["Status"], ["to"]] });
    expect(
      verdictOf((all) => ({ set: { to: { N: String(Object.keys(all).length) } } }), item, { reads: ["Status"] }),
    ).toMatchObject({
      set: { to: { N: "1" } },
    });
  });

  test.each<[string, UpdateFunction]>([
    ["reads", ({ id }) => (id ? set : undefined)],
    [
      "reads and hides it",
      (all) => {
        try {
          return all.id ? set : undefined;
        } catch {
          return set;
        }
      },
    ],
  ])("an attribute that the function %s without declaring it ends the job", (_, fn) => {
    expect(() => verdictOf(fn, item, { reads: ["Status"] })).toThrow(
      expect.objectContaining({ code: "UPDATE_READS_UNDECLARED", value: "id" }),
    );
  });
});

describe("an item can't be changed in place", () => {
  // biome-ignore lint/suspicious/noExplicitAny: as in JavaScript
  test.each<[string, (given: Record<string, any>) => unknown]>([
    [
      "setting an attribute",
      (all) => {
        all.Status = { S: "x" };
      },
    ],
    [
      "deleting one",
      (all) => {
        delete all.Status;
      },
    ],
    ["defining one", (all) => Object.defineProperty(all, "x", { value: 1 })],
    [
      "setting a value",
      ({ Status }) => {
        Status.S = "x";
      },
    ],
    [
      "setting a part of a map",
      ({ Address }) => {
        Address.M.City = { S: "x" };
      },
    ],
    ["adding to a list", (all) => Object.values(all)[2].M.Lines.L.push({ S: "b" })],
  ])("%s fails", (_, change) => {
    const copy = structuredClone(item);
    const fn = (given: Item) => ({ set: { Address: { S: String(change(given)) } } });
    expect(verdictOf(fn, copy)).toMatchObject({
      do: "fail",
      code: "UPDATE_FAILED",
      reason: expect.stringMatching(/^TypeError: /),
    });
    expect(copy).toEqual(item);
  });
});

test.each<[string, unknown, string]>([
  ["a text", "x", "it must be an object or undefined"],
  ["null", null, "it must be an object or undefined"],
  ["a promise", Promise.resolve({}), "it must be an object or undefined"],
  ["another field", { put: {} }, "it must have nothing but set and remove, got put"],
  ["a list to set", { set: [] }, "set must be an object"],
  ["plain values", { set: { a: "x" } }, 'set.a must be an attribute value such as { "N": "3" }'],
  ["undefined as a value", { set: { a: undefined } }, 'set.a must be an attribute value such as { "N": "3" }'],
  [
    "a malformed number",
    { set: { a: { N: "x" } } },
    "set.a must be an attribute value: the content does not fit type N",
  ],
  [
    "base64 for bytes",
    { set: { a: { B: "aGk=" } } },
    "set.a must be an attribute value: the content does not fit type B",
  ],
  [
    "an empty set",
    { set: { a: { L: [{ SS: [] }] } } },
    "set.a must be an attribute value: the content does not fit type L",
  ],
  [
    "equal elements",
    { set: { a: { BS: [Uint8Array.of(1), Uint8Array.of(1)] } } },
    "set.a must be an attribute value: the content does not fit type BS",
  ],
  ["a name to remove that is no list", { remove: "a" }, "remove must be a list of names"],
  ["an empty name", { remove: [""] }, "an attribute's name must not be empty"],
  ["a key", { set: { id: { S: "2" } } }, "id is a key attribute or the marker, which it must not change"],
  ["the marker", { remove: ["mark"] }, "mark is a key attribute or the marker, which it must not change"],
  ["a name twice", { set: { a: { S: "" } }, remove: ["a"] }, "a is named twice in set and remove"],
])("%s is no valid result", (_, change, problem) => {
  expect(verdictOf(returning(change), item, { marker: "mark", markerValue: "job-1" })).toEqual({
    do: "fail",
    code: "UPDATE_INVALID",
    reason: `The update function's result is invalid: ${problem}.`,
  });
});

test("an error of the function fails the item with its message", () => {
  const fn = () => {
    throw new RangeError("no such status");
  };
  expect(verdictOf(fn)).toEqual({ do: "fail", code: "UPDATE_FAILED", reason: "RangeError: no such status" });
});

test("an item that would be too large fails before it is sent", () => {
  expect(verdictOf(() => ({ set: { a: { S: "x".repeat(409_600) } } }))).toMatchObject({ code: "ITEM_TOO_LARGE" });
  expect(verdictOf(() => ({ set: { Rank: { S: "1" } } }))).toMatchObject({ code: "INDEX_KEY_INVALID" });
});

describe("a function that isn't idempotent", () => {
  const counting: UpdateFunction = ({ n }) => ({ set: { n: { N: String(Number(n?.N ?? 0) + 1) } } });
  const renaming: UpdateFunction = ({ Status }) => ({ set: { New: { S: Status?.S ?? "" } }, remove: ["Status"] });
  const demanding: UpdateFunction = ({ Status }) => ({ set: { New: { S: Status!.S! } }, remove: ["Status"] });

  test.each<[string, UpdateFunction, RegExp]>([
    ["counts up", counting, /it changes n once more\.$/],
    ["reads what it removes", renaming, /it changes New once more\.$/],
    ["fails on its own result", demanding, /TypeError/],
  ])("ends the job if it %s", (_, fn, message) => {
    expect(() => verdictOf(fn)).toThrow(
      expect.objectContaining({ code: "UPDATE_NOT_IDEMPOTENT", message: expect.stringMatching(message) }),
    );
  });

  test("becomes idempotent by a marker", () => {
    const options = { marker: "mark", markerValue: "job-1" };
    expect(verdictOf(counting, item, options)).toEqual({
      do: "change",
      set: { n: { N: "1" }, mark: { S: "job-1" } },
      remove: [],
      read: [["n"], ["mark"]],
    });
    expect(verdictOf(counting, { ...item, mark: { S: "job-1" } }, options)).toEqual(already);
    expect(verdictOf(counting, { ...item, mark: { S: "job-0" } }, options)).toMatchObject({ do: "change" });
    expect(verdictOf(() => undefined, item, options)).toEqual(skipped);
  });
});

test("applied to any item, a change gives the item that the function wants", () => {
  const fn: UpdateFunction = ({ a, b }) => ({ set: { c: a ?? { NULL: true }, b: b ?? { N: "1" } }, remove: ["name"] });
  fc.assert(
    fc.property(arbitraryItem, (given) => {
      const verdict = verdictOf(fn, given);
      const { name: _, ...rest } = given;
      const wanted = { ...rest, c: given.a ?? { NULL: true }, b: given.b ?? { N: "1" } };
      if (verdict.do !== "change") expect([verdict, sameItem(given, wanted)]).toEqual([already, true]);
      else expect(sameItem(applied(given, verdict.set, verdict.remove), wanted)).toBe(true);
    }),
  );
});
