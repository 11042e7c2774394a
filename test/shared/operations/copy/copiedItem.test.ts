import { copier } from "../../../../shared/operations/copy/copiedItem";
import { declaredUpdate } from "../../../../shared/writing/update/declared";

const target = {
  name: "copies",
  keys: ["pk", "sk"],
  keyTypes: { pk: "S", sk: "N", day: "S" },
  indexes: [{ name: "by-day", kind: "global", keys: ["day", "pk"], projection: "ALL" }],
} as const;
const item = { pk: { S: "a" }, sk: { N: "1" }, status: { S: "open" } };
const transform = (update: object) => declaredUpdate(update, undefined, "job-1");

test("an item is copied unchanged if there is no transform, or if the transform changes nothing", () => {
  expect(copier(undefined, target)(item)).toEqual({ made: item });
  expect(copier(transform({ remove: ["old"] }), target)(item)).toEqual({ made: item });
});

test("a transform sets and removes attributes, keys too", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
  const update = { set: { pk: "${status}#${pk}" }, remove: ["status"] };
  expect(copier(transform(update), target)(item)).toEqual({ made: { pk: { S: "open#a" }, sk: { N: "1" } } });
});

test("an item that the transform skips isn't copied", () => {
  expect(copier(transform({ remove: ["status"], onlyIf: "attribute_exists(gone)" }), target)(item)).toEqual({
    do: "count",
    outcome: "skipped",
  });
});

test.each([
  [{ pk: { S: "a" } }, "sk must be of type N, because it is a key of table copies, but is missing."],
  [{ pk: { S: "a" }, sk: { S: "1" } }, "sk must be of type N, because it is a key of table copies, but has type S."],
  [{ pk: { S: "" }, sk: { N: "1" } }, 'pk must not be empty, because it is a key of index "by-day".'],
  [
    { pk: { S: "x".repeat(1_025) }, sk: { N: "1" } },
    'pk must have at most 1024 bytes, because it is a key of index "by-day", but would have 1025.',
  ],
])("an item without a valid key of the other table fails: %j", (given, reason) => {
  expect(copier(undefined, target)(given as never)).toEqual({ do: "fail", code: "KEY_INVALID", reason });
});

test.each([
  [{ N: "1" }, 'day must be of type S, because it is a key of index "by-day", but has type N.'],
  [{ S: "" }, 'day must not be empty, because it is a key of index "by-day".'],
])("an item whose value an index of the other table can't have as its key fails: %j", (day, reason) => {
  expect(copier(undefined, target)({ ...item, day } as never)).toEqual({
    do: "fail",
    code: "INDEX_KEY_INVALID",
    reason,
  });
});

test("an item that the transform makes too large fails", () => {
  const large = { ...item, text: { S: "x".repeat(409_600) } };
  expect(copier(undefined, target)(large)).toMatchObject({ do: "fail", code: "ITEM_TOO_LARGE" });
});
