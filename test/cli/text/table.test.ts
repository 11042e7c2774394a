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

test("a value that is longer than the terminal is broken at its spaces", () => {
  expect(textTable([{ head: "LAST ERROR" }], [["ThrottlingException: Rate exceeded"]], 24)).toBe(
    "LAST ERROR\n    ThrottlingException:\n    Rate exceeded",
  );
});
