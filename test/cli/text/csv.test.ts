import fc from "fast-check";
import { csvLine, csvText } from "../../../cli/text/csv";
import { parseCsv } from "../../support/csv";

test("a strict parser reads any texts back", () => {
  const cell = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[",;\r\n =+@'-]*$/), fc.constant(undefined));
  const table = fc
    .integer({ min: 1, max: 5 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }));
  fc.assert(
    fc.property(table, (rows) => {
      const text = rows.map((row) => csvLine(row.map((one) => csvText(one, false)))).join("");
      expect(parseCsv(text)).toEqual(rows);
    }),
  );
});

test.each([
  ["=1+1", "'=1+1"],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ["+49 170", "'+49 170"],
  ["-abc", "'-abc"],
  ["-1+1", "'-1+1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", `"'\t=1"`],
  ["\r=1", `"'\r=1"`],
  ["\n=1", `"'\n=1"`],
  ["＝1+1", "'＝1+1"],
  ["-5", "-5"],
  ["+4.5", "+4.5"],
  ["-5\n", `"'-5\n"`],
  ["1=1", "1=1"],
  ["'=1", "'=1"],
  ["a;b", '"a;b"'],
  ["", '""'],
])("%j becomes %s", (text, cell) => {
  expect(csvText(text, true)).toBe(cell);
});

test("no text begins like a formula, unless it is a number", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[=+@\t\r\n＝＋－＠0-9.a-z-]*$/), (text) => {
      const [[cell = ""] = []] = parseCsv(csvLine([csvText(text, true)]));
      if (/^[=+\-@\t\r\n＝＋－＠]/.test(cell)) expect(Number.isFinite(Number(cell))).toBe(true);
    }),
  );
});

test("without the guard a text stays as it is", () => {
  expect(csvText("=1+1", false)).toBe("=1+1");
});
