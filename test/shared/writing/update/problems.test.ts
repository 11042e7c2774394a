// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of updates.
import { updateProblems } from "../../../../shared/writing/update/problems";
import { orders } from "./tables";

const MARKER = "a repeated page would change the item again; name a marker attribute, which prevents that.";

test.each<[string, object]>([
  [
    "a template and a constant",
    { set: { GSISK: "${Status}#${Timestamp}", NewAttribute: { S: "x" } }, remove: ["Old"] },
  ],
  [
    "a condition with names and values",
    { remove: ["a"], onlyIf: "#b = :v", names: { "#b": "x.y" }, values: { ":v": 1 } },
  ],
  ["names in all places", { set: { "#a": "${#b}" }, remove: ["#c"], names: { "#a": "a.b", "#b": "b c", "#c": "[0]" } }],
  ["counting with a marker", { add: { Visits: { N: "1" } }, marker: "CountedBy" }],
  ["reading what is removed, with a marker", { set: { New: "${Old}" }, remove: ["Old"], marker: "BackfilledBy" }],
  ["an index key removed", { remove: ["GSISK", "Rank"] }],
  ["attributes of any name", { set: { constructor: { N: "1" }, toString: "x" }, remove: ["hasOwnProperty"] }],
  ["failing if an attribute is missing", { set: { a: "${b}" }, missing: "fail" }],
  ["an index key of its type", { set: { Rank: { N: "1" }, GSIPK: "${a}" } }],
])("nothing is wrong with %s", (_, update) => expect(updateProblems(update, orders)).toEqual([]));

test.each<[unknown, string[]]>([
  [null, ["An update must be a JSON object."]],
  [{}, ["An update must set, remove or add something."]],
  [{ marker: "m" }, ["An update must set, remove or add something."]],
  [{ set: {}, remove: [] }, ["An update must set, remove or add something."]],
  [{ remove: ["a"], where: "b" }, ["where is not a field of an update."]],
  [{ set: ["a"] }, ["set must be an object."]],
  [
    { set: { a: 1, constructor: { s: 1 }, b: null } },
    ["a", "constructor", "b"].map(
      (name) => `set.${name} must be a template text or DynamoDB JSON such as { "N": "3" }.`,
    ),
  ],
  [
    { set: { a: { SS: [] }, b: { N: 3 } } },
    [
      "set.a must be a template text or DynamoDB JSON: the content does not fit type SS.",
      "set.b must be a template text or DynamoDB JSON: the content does not fit type N.",
    ],
  ],
  [
    { set: { first: "${id}#${other.path}" }, remove: Array.from({ length: 100 }, (_, n) => `a${n}`) },
    ["An update must read and change at most 100 attributes, because its writes depend on each of them, got 102."],
  ],
  [{ remove: "a" }, ["remove must be a list of attribute names."]],
  [{ remove: ["a", 1] }, ["remove.1 must be text."]],
  [{ add: { a: 1 } }, ['add.a must be a number in DynamoDB JSON, such as { "N": "3" }.']],
  [{ add: { a: { N: "1e126" } } }, ['add.a must be a number in DynamoDB JSON, such as { "N": "3" }.']],
  [{ remove: ["a"], missing: "ignore" }, ['missing must be "skip" or "fail".']],
  [{ remove: ["a"], names: { a: "b" } }, ['names.a must have keys such as "#name".']],
  [
    { remove: ["a"], values: { ":a": { S: "x" } }, onlyIf: "" },
    [
      "values.:a must be plain JSON, this looks like DynamoDB JSON: give it as typedValues, or name the map's attribute otherwise.",
      "onlyIf must not be empty.",
    ],
  ],
  [
    { set: { "a.b": "x", "l[0]": "y" } },
    [
      "set.a.b must be a whole attribute, not a part of one; for an attribute of this very name use names.",
      "set.l[0] must be a whole attribute, not a part of one; for an attribute of this very name use names.",
    ],
  ],
  [{ set: { "": "x" } }, ['set."" must not be empty.']],
  [
    JSON.parse('{"set":{"__proto__":"x"}}'),
    ["set.__proto__ can't be changed: JavaScript has another use for this name."],
  ],
  [{ remove: ["#a"] }, ["remove #a: the name #a isn't defined in names."]],
  [{ set: { a: "${b" } }, ['set.a has a "${" that no "}" closes; "$${" stands for "${" itself.']],
  [{ set: { a: "${}" } }, ["set.a must have paths such as ${Address.Lines[0]}, got ${}."]],
  [{ set: { a: "${b.}" } }, ["set.a must have paths such as ${Address.Lines[0]}, got ${b.}."]],
  [{ set: { a: "${#b}" } }, ["set.a uses the name #b, which isn't defined in names."]],
  [{ remove: ["a"], onlyIf: "b = :v" }, ["onlyIf is invalid at position 5: the value :v isn't defined."]],
  [
    { remove: ["a"], onlyIf: "b = :v", values: { ":v": 1 }, typedValues: { ":v": { N: "1" } } },
    ["typedValues must not repeat names of values, got :v in both."],
  ],
  [
    { remove: ["a"], onlyIf: "b = :v", names: { "#c": "c" }, values: { ":v": 1, ":w": 2 } },
    ["The name #c isn't used anywhere.", "onlyIf doesn't use the value :w."],
  ],
  [{ remove: ["a"], values: { ":w": 2 } }, ["onlyIf doesn't use the value :w."]],
  [
    { set: { id: "x" }, remove: ["sort"], marker: "id" },
    [
      "marker id names an attribute that set names too; it may be in one place only.",
      'set.id must not be a key attribute of table "orders": a key can\'t be changed.',
      'remove sort must not be a key attribute of table "orders": a key can\'t be changed.',
      'marker id must not be a key attribute of table "orders": a key can\'t be changed.',
    ],
  ],
  [
    { set: { Rank: "${n}" } },
    ['set.Rank must be of type N, because it is a key of index "by-rank"; a template makes a value of type S.'],
  ],
  [{ set: { GSISK: { N: "1" } } }, ['set.GSISK must be of type S, because it is a key of index "by-status".']],
  [{ set: { GSISK: { S: "" } } }, ['set.GSISK must not be empty, because it is a key of index "by-status".']],
  [
    { set: { GSIPK: { S: "x".repeat(1_025) } } },
    ['set.GSIPK must have at most 1024 bytes, because it is a key of index "by-rank", but would have 1025.'],
  ],
  [
    { add: { GSISK: { N: "1" } }, marker: "Rank" },
    [
      'add.GSISK must be of type S, because it is a key of index "by-status"; add makes a value of type N.',
      'marker Rank must be of type N, because it is a key of index "by-rank"; a marker is of type S.',
    ],
  ],
  [
    { set: { a: "x", "#a": "y" }, remove: ["a"], names: { "#a": "a" } },
    [
      "set.#a names an attribute that set names too; it may be in one place only.",
      "remove a names an attribute that set names too; it may be in one place only.",
    ],
  ],
  [{ set: { a: "${a.b}x" } }, [`set.a reads a, which the update sets: ${MARKER}`]],
  [{ set: { New: "${Old}" }, remove: ["Old"] }, [`set.New reads Old, which the update removes: ${MARKER}`]],
  [
    { set: { New: "${#o}" }, add: { o: { N: "1" } }, names: { "#o": "o" } },
    [`set.New reads o, which the update adds to: ${MARKER}`, `add.o counts up: ${MARKER}`],
  ],
  [{ add: { o: { N: "1" } }, onlyIf: "attribute_not_exists(o)" }, [`add.o counts up: ${MARKER}`]],
])("all problems of %j", (update, problems) => expect(updateProblems(update, orders)).toEqual(problems));

test("keys aren't checked if the table is unknown", () => {
  expect(updateProblems({ set: { id: "x", Rank: "y" } }, undefined)).toEqual([]);
});
