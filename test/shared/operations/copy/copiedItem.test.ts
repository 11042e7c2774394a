import { copiedItem } from "../../../../shared/operations/copy/copiedItem";
import { declaredUpdate } from "../../../../shared/writing/update/declared";

const target = { name: "copies", keys: ["pk", "sk"], keyTypes: { pk: "S", sk: "N" }, indexes: [] } as const;
const item = { pk: { S: "a" }, sk: { N: "1" }, status: { S: "open" } };
const transform = (update: object) => declaredUpdate(update, undefined, "job-1");

test("an item is copied unchanged if there is no transform, or if the transform changes nothing", () => {
  expect(copiedItem(item, undefined, target)).toEqual({ made: item });
  expect(copiedItem(item, transform({ remove: ["old"] }), target)).toEqual({ made: item });
});

test("a transform sets and removes attributes, keys too", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
  const update = { set: { pk: "${status}#${pk}" }, remove: ["status"] };
  expect(copiedItem(item, transform(update), target)).toEqual({ made: { pk: { S: "open#a" }, sk: { N: "1" } } });
});

test("an item that the transform skips isn't copied", () => {
  expect(copiedItem(item, transform({ remove: ["status"], onlyIf: "attribute_exists(gone)" }), target)).toEqual({
    do: "count",
    outcome: "skipped",
  });
});

test.each([
  [{ pk: { S: "a" } }, "sk must be of type N, being a key of table copies, but is missing."],
  [{ pk: { S: "a" }, sk: { S: "1" } }, "sk must be of type N, being a key of table copies, but has type S."],
])("an item without a key of the other table fails: %j", (given, reason) => {
  expect(copiedItem(given as never, undefined, target)).toEqual({ do: "fail", code: "KEY_INVALID", reason });
});

test("an item that the transform makes too large fails", () => {
  const large = { ...item, text: { S: "x".repeat(409_600) } };
  expect(copiedItem(large, undefined, target)).toMatchObject({ do: "fail", code: "ITEM_TOO_LARGE" });
});
