import { textTable } from "../../../cli/text/table";

const columns = [{ head: "JOB" }, { head: "STATE" }, { head: "RATE", align: "right" }] as const;
const rows = [
  ["nightly-export", "running", "100"],
  ["hourly", "", "5"],
];

test("a table that fits has a line for each row", () => {
  const lines = ["JOB             STATE    RATE", "nightly-export  running   100", "hourly                      5"];
  expect(textTable(columns, rows, 29)).toBe(lines.join("\n"));
  expect(textTable(columns, rows)).toBe(lines.join("\n"));
});

test("on a narrower terminal each row is a paragraph of headings and values, and empty cells are left out", () => {
  expect(textTable(columns, rows, 28)).toBe(
    ["JOB nightly-export", "  STATE running  RATE 100", "JOB hourly  RATE 5"].join("\n"),
  );
});

test("a cell of a column that may be cut is cut only if the table fits then", () => {
  const long = [{ head: "WHY", most: 12 }, { head: "KEY" }];
  const row = ["must be at least 3", "a.json"];
  const whole = ["WHY                 KEY", "must be at least 3  a.json"].join("\n");
  expect(textTable(long, [row])).toBe(whole);
  expect(textTable(long, [row], 26)).toBe(whole);
  expect(textTable(long, [row], 25)).toBe("WHY           KEY\nmust be at …  a.json");
  expect(textTable(long, [row], 19)).toBe("WHY must be at\n    least 3\n  KEY a.json");
});

test("a value that is longer than the terminal is broken at its spaces", () => {
  expect(textTable([{ head: "LAST ERROR" }], [["ThrottlingException: Rate exceeded"]], 24)).toBe(
    "LAST ERROR\n    ThrottlingException:\n    Rate exceeded",
  );
});

test("rows with fewer cells than columns take one line each", () => {
  const lines = ["JOB     STATE  RATE", "orders", "visits", "papers  1      2 KB"];
  expect(textTable(columns, [["orders"], ["visits"], ["papers", "1", "2 KB"]])).toBe(lines.join("\n"));
});
