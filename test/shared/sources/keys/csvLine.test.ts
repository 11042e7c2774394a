import * as fc from "fast-check";
import { csvFields } from "../../../../shared/sources/keys/csvLine";

test.each<[string, string[] | undefined]>([
  ["", [""]],
  ["a,b", ["a", "b"]],
  ["a,,b,", ["a", "", "b", ""]],
  ['"a,b",c\r', ["a,b", "c"]],
  ['"say ""hi""",""', ['say "hi"', ""]],
  [" a , b", [" a ", " b"]],
  ['"a', undefined],
  ['a"b', undefined],
  ['"a"b,c', undefined],
  ['"a" ,c', undefined],
])("%j has the fields %j", (line, fields) => {
  expect(csvFields(line)).toEqual(fields);
});

test("fields that were written with quotes are read back", () => {
  const field = fc.stringMatching(/^[ab", é\u2028]*$/);
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), (fields) => {
      expect(csvFields(fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(","))).toEqual(fields);
    }),
  );
});
