import {
  bytes,
  counted,
  decimal,
  dollars,
  duration,
  moment,
  oneLine,
  percent,
  timeOfDay,
  whole,
} from "../../../cli/text/format";
import { toJson } from "../../../cli/text/json";
import { textPairs, textTable } from "../../../cli/text/table";

test.each<[seconds: number, text: string]>([
  [0, "0 s"],
  [-3, "0 s"],
  [0.4, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min"],
  [80, "1 min 20 s"],
  [3_600, "1 h"],
  [3_605, "1 h"],
  [4_800, "1 h 20 min"],
  [183_600, "2 d 3 h"],
])("%s seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each<[string, string, string]>([
  ["whole numbers have separators", whole(20_000), "20,000"],
  ["small rates have a digit after the point", decimal(98.26), "98.3"],
  ["half a unit is not nothing", decimal(0.5), "0.5"],
  ["a rate below a tenth keeps its first digit", decimal(0.05), "0.05"],
  ["large rates have no digit after the point", decimal(1_234.5), "1,235"],
  ["no bytes", bytes(0), "0 B"],
  ["bytes below a kilobyte", bytes(880), "880 B"],
  ["megabytes", bytes(2.5 * 1024 ** 2), "2.5 MB"],
  ["numbers beyond the largest unit", bytes(5_000 * 1024 ** 4), "5,000 TB"],
  ["one is one", counted(1, "item"), "1 item"],
  ["none are many", counted(0, "item"), "0 items"],
  ["a share is rounded down", percent(0.9999), "99 %"],
  ["all is all", percent(1), "100 %"],
  ["moments are in UTC", moment(Date.UTC(2025, 10, 22, 10, 12, 54)), "2025-11-22 10:12:54Z"],
  ["times of day are in UTC, too", timeOfDay(Date.UTC(2025, 10, 22, 10, 12, 54)), "10:12:54Z"],
  ["a terminal gets no control characters", oneLine("a\n\u001b[31m b\t\tc "), "a [31m b c"],
])("%s", (_, text, expected) => {
  expect(text).toBe(expected);
});

test("a table has no lines, no colours and no blanks at the end of a line", () => {
  const text = textTable(
    [{ head: "UNIT", align: "right" }, { head: "WHY" }],
    [
      ["3", "too large"],
      ["12", ""],
    ],
  );
  expect(text).toBe("UNIT  WHY\n   3  too large\n  12");
});

test("pairs stand below one another", () => {
  const pairs = [
    ["Job", "a"],
    ["State", "running"],
  ] as const;
  expect(textPairs(pairs)).toBe("Job    a\nState  running");
});

test("values of results that JSON has no form for are not lost", () => {
  const result = { numbers: new Set([1, 2]), large: 12345678901234567890n, binary: new Uint8Array([1, 2]) };
  expect(toJson(result)).toBe('{"numbers":[1,2],"large":"12345678901234567890","binary":"AQI="}');
});

test.each([
  [0, "$0"],
  [0.000000123, "$0.00000012"],
  [0.0000052, "$0.0000052"],
  [0.00113, "$0.0011"],
  [0.0999, "$0.10"],
  [0.00999, "$0.010"],
  [0.1, "$0.10"],
  [1.239, "$1.24"],
  [1_234.5, "$1,234.50"],
])("dollars %d", (amount, text) => {
  expect(dollars(amount)).toBe(text);
});
