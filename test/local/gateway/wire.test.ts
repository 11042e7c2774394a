import { wireItemBytes } from "../../../local/gateway/wire";

test.each([
  ["bytes in base64", { v: { B: "AQID" } }, 1 + 3],
  ["sets of bytes", { v: { BS: ["AQ==", "AQID"] } }, 1 + 4],
  ["bytes inside lists and maps", { v: { L: [{ M: { b: { B: "AQID" } } }] } }, 1 + 3 + 1 + 3 + 1 + 1 + 3],
  ["everything else unchanged", { text: { S: "ä" }, n: { N: "12" }, yes: { BOOL: true } }, 6 + 3 + 4],
])("sizes %s", (_, item, bytes) => {
  expect(wireItemBytes(item)).toBe(bytes);
});
