// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of updates.
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { sameItem, sameValue } from "../../../../shared/aws/expressions/sameValue";
import type { Item } from "../../../../shared/aws/itemSize";
import { applied } from "../../../../shared/writing/applied";
import { type DeclaredUpdate, declaredUpdate } from "../../../../shared/writing/update/declared";
import type { UpdateVerdict } from "../../../../shared/writing/update/itemUpdate";
import { updateProblems } from "../../../../shared/writing/update/problems";
import { arbitraryItem } from "../../aws/expressions/arbitraryConditions";
import { soundUpdate } from "./arbitraryUpdates";
import { orders } from "./tables";

const bytes = (...all: number[]) => Uint8Array.from(all);
const already = { do: "count", outcome: "already" };
const skipped = { do: "count", outcome: "skipped" };

function verdictOf(update: DeclaredUpdate, item: Item): UpdateVerdict {
  expect(updateProblems(update, orders)).toEqual([]);
  return declaredUpdate(update, orders, "job-1").verdict(item);
}

describe("the example", () => {
  const update: DeclaredUpdate = {
    set: { GSISK: "${Status}#${Timestamp}", NewAttribute: { S: "NewAttributeValue" } },
    remove: ["Old"],
    onlyIf: "attribute_not_exists(GSISK)",
  };
  const item: Item = { id: { S: "1" }, Status: { S: "open" }, Timestamp: { N: "12" } };
  const wanted: Item = { ...item, GSISK: { S: "open#12" }, NewAttribute: { S: "NewAttributeValue" } };
  const read = [["Status"], ["Timestamp"], ["GSISK"], ["NewAttribute"], ["Old"]];

  test.each<[string, Item, object]>([
    [
      "sets what is missing",
      item,
      { set: { GSISK: { S: "open#12" }, NewAttribute: { S: "NewAttributeValue" } }, remove: [] },
    ],
    ["removes what is there", { ...item, Old: { L: [] } }, { remove: ["Old"] }],
    [
      "doesn't set an attribute that is as wanted",
      { ...item, NewAttribute: wanted.NewAttribute! },
      { set: { GSISK: { S: "open#12" } } },
    ],
  ])("%s", (_, given, change) => {
    expect(verdictOf(update, given)).toMatchObject({ do: "change", ...change, read });
  });

  test.each<[string, Item, object]>([
    ["an item as wanted counts as `already`, whatever onlyIf says", wanted, already],
    ["an item that doesn't meet onlyIf is skipped", { ...wanted, GSISK: { S: "other" } }, skipped],
    ["an item as wanted but for Old doesn't meet onlyIf", { ...wanted, Old: { S: "" } }, skipped],
    ["an item without an attribute of the template is skipped", { id: { S: "1" }, Status: { S: "open" } }, skipped],
    ["without the attribute, onlyIf still counts", { id: { S: "1" }, GSISK: { S: "x" } }, skipped],
  ])("%s", (_, given, verdict) => expect(verdictOf(update, given)).toEqual(verdict));
});

describe("templates", () => {
  const item: Item = {
    s: { S: "é" },
    n: { N: "1.50" },
    yes: { BOOL: true },
    no: { BOOL: false },
    b: { B: bytes(104, 105) },
    z: { NULL: true },
    m: { M: { l: { L: [{ S: "first" }, { M: { "a b": { N: "2" } } }] } } },
    "x.y": { S: "dotted" },
    Status: { S: "reserved" },
    "user-id": { S: "u" },
    constructor: { S: "c" },
  };

  test.each([
    ["", ""],
    ["plain", "plain"],
    ["${s}", "é"],
    ["<${n}>", "<1.50>"],
    ["${yes}/${no}", "true/false"],
    ["${b}", "aGk="],
    ["${z}", "null"],
    ["${m.l[0]}-${m.l[1].#ab}", "first-2"],
    ["${#xy}", "dotted"],
    ["${Status}#${user-id}", "reserved#u"],
    ["${constructor}", "c"],
    ["$${s}", "${s}"],
    ["$$${s}", "$${s}"],
    ["a$b}c{d$", "a$b}c{d$"],
    ["${s}${s}$", "éé$"],
  ])("%j makes %j", (template, text) => {
    const names = { "#ab": "a b", "#xy": "x.y" };
    const verdict = declaredUpdate({ set: { to: template }, names }, orders, "").verdict(item);
    expect(verdict).toMatchObject({ do: "change", set: { to: { S: text } } });
  });

  test.each([
    ["${gone}", "gone, which the item doesn't have"],
    ["${m.l[7].x}", "m.l[7].x, which the item doesn't have"],
    ["${s.x}", "s.x, which the item doesn't have"],
    ["${toString}", "toString, which the item doesn't have"],
    ["${s}${m}", "m, which is of type M and not a scalar"],
    ["${m.l}", "m.l, which is of type L and not a scalar"],
  ])("%j lacks an attribute: skipped, or failed if the update says so", (template, missing) => {
    const update = { set: { to: template, other: { N: "1" } } };
    expect(verdictOf(update, item)).toEqual(skipped);
    expect(verdictOf({ ...update, missing: "fail" }, item)).toEqual({
      do: "fail",
      code: "ATTRIBUTE_MISSING",
      reason: `set.to needs ${missing}.`,
    });
    expect(verdictOf({ ...update, missing: "fail", onlyIf: "attribute_not_exists(s)" }, item)).toEqual(skipped);
  });
});

test.each<[AttributeValue, AttributeValue]>([
  [{ N: "1" }, { N: "1.0" }],
  [{ SS: ["a", "b"] }, { SS: ["b", "a"] }],
  [{ L: [{ N: "1e1" }] }, { L: [{ N: "10" }] }],
])("a constant %j is already there as %j", (constant, value) => {
  expect(verdictOf({ set: { a: constant } }, { a: value })).toEqual(already);
});

test("binary constants are written in base64", () => {
  expect(verdictOf({ set: { a: { B: "aGk=" } } }, {})).toMatchObject({ set: { a: { B: bytes(104, 105) } } });
  expect(verdictOf({ set: { a: { B: "aGk=" } } }, { a: { B: bytes(104, 105) } })).toEqual(already);
});

describe("counting", () => {
  const update: DeclaredUpdate = { add: { Visits: { N: "0.1" } }, marker: "CountedBy" };
  const CountedBy = { S: "job-1" };

  test.each<[string, Item, string]>([
    ["a missing attribute counts as 0", {}, "0.1"],
    [
      "all digits are kept",
      { Visits: { N: "1234567890123456789012345678901234567" } },
      "1234567890123456789012345678901234567.1",
    ],
    ["another job's marker doesn't stop the update", { Visits: { N: "-0.1" }, CountedBy: { S: "job-0" } }, "0"],
  ])("%s", (_, item, N) => {
    expect(verdictOf(update, item)).toEqual({
      do: "change",
      set: { Visits: { N }, CountedBy },
      remove: [],
      read: [["Visits"], ["CountedBy"]],
    });
  });

  test("an item with the marker counts as `already`, whatever its other attributes", () => {
    expect(verdictOf({ ...update, onlyIf: "attribute_exists(x)" }, { CountedBy })).toEqual(already);
  });

  test.each<[AttributeValue, string]>([
    [{ S: "1" }, "NOT_A_NUMBER"],
    [{ N: "9".repeat(38) }, "NUMBER_OUT_OF_RANGE"],
  ])("an item that has %j can't be counted", (Visits, code) => {
    expect(verdictOf(update, { Visits })).toMatchObject({ do: "fail", code });
  });

  test("with a marker an attribute may be renamed", () => {
    const rename: DeclaredUpdate = { set: { New: "${Old}" }, remove: ["Old"], marker: "m" };
    expect(verdictOf(rename, { Old: { N: "1" } })).toEqual({
      do: "change",
      set: { New: { S: "1" }, m: { S: "job-1" } },
      remove: ["Old"],
      read: [["Old"], ["New"], ["m"]],
    });
  });
});

test("a condition's paths are among those the verdict depends on", () => {
  const update = { remove: ["a"], onlyIf: "size(m.l[0]) > :n OR a = b", values: { ":n": 1 } };
  expect(verdictOf(update, { a: { S: "" }, b: { S: "" } })).toMatchObject({ read: [["a"], ["m", "l", 0], ["b"]] });
});

test("an update changes nothing in its own result, which is already as wanted", () => {
  fc.assert(
    fc.property(soundUpdate, arbitraryItem, (update, item) => {
      const { verdict } = verdictsOf(update);
      const first = verdict(item);
      fc.pre(first.do === "change");
      const next = applied(item, first.set, first.remove);
      expect(sameItem(next, item)).toBe(false);
      expect(verdict(next)).toEqual(already);
    }),
    { numRuns: 500 },
  );
});

test("only attributes that were read change a verdict", () => {
  fc.assert(
    fc.property(soundUpdate, arbitraryItem, arbitraryItem, (update, item, other) => {
      const { verdict } = verdictsOf(update);
      const first = verdict(item);
      fc.pre(first.do === "change");
      const read = new Set(first.read.map(([name]) => name));
      const names = [...Object.keys(item), ...Object.keys(other)];
      const mixed = Object.fromEntries(
        names.flatMap((name) => {
          const value = read.has(name) ? item[name] : other[name];
          return value === undefined ? [] : [[name, value]];
        }),
      );
      expect(verdict(mixed)).toEqual(first);
    }),
    { numRuns: 500 },
  );
});

test("a change names only attributes that differ", () => {
  fc.assert(
    fc.property(soundUpdate, arbitraryItem, (update, item) => {
      const first = verdictsOf(update).verdict(item);
      fc.pre(first.do === "change");
      for (const [name, value] of Object.entries(first.set)) expect(sameValue(item[name], value)).toBe(false);
      for (const name of first.remove) expect(item[name]).toBeDefined();
    }),
    { numRuns: 300 },
  );
});

function verdictsOf(update: DeclaredUpdate) {
  const made = declaredUpdate(update, orders, "job-1");
  return { verdict: (item: Item) => made.verdict(item) };
}
