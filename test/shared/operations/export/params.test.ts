import { md5Key } from "../../../../shared/exports/manifest";
import { exportDeclaration } from "../../../../shared/operations/export/declaration";
import { ExportKeys } from "../../../../shared/operations/export/keys";

const problems = (params: Record<string, unknown>) => exportDeclaration.check!(params);

test.each([
  [{}],
  [{ exportPrefix: "" }],
  [{ exportPrefix: "2026/nightly" }],
  [{ exportPrefix: "2026/nightly/" }],
  [{ exportPrefix: "a..b/(c)_!'*.d", format: "json" }],
  [{ exportPrefix: "x".repeat(512), format: "dynamodb-json" }],
])("%j is fine", (params) => {
  expect(problems(params)).toEqual([]);
});

test.each([
  ["no text", { exportPrefix: 7 }, 1],
  ["too long", { exportPrefix: "x".repeat(513) }, 1],
  ["unsafe characters", { exportPrefix: "a b" }, 1],
  ["a slash in front", { exportPrefix: "/a" }, 1],
  ["an empty part", { exportPrefix: "a//b" }, 1],
  ["a way up", { exportPrefix: "a/../b" }, 1],
  ["only a way up", { exportPrefix: ".." }, 1],
  ["a wrong format", { format: "csv" }, 1],
  ["an empty format", { format: "" }, 1],
  ["everything at once", { exportPrefix: `/ü//../${"x".repeat(512)}`, format: 1 }, 6],
])("%s is refused, with all problems", (_, params, number) => {
  expect(problems(params)).toHaveLength(number);
});

test("keys depend on prefix, job, segment and number", () => {
  const keys = new ExportKeys({ exportPrefix: "nightly/" }, "job-1");
  expect(keys.data(3, 12)).toBe("nightly/AWSDynamoDB/job-1/data/0000003-0000012.json.gz");
  expect(keys.piece(3, 12, 1)).toBe("nightly/AWSDynamoDB/job-1/open/0000003-0000012-0000001");
  expect(keys.summary).toBe("nightly/AWSDynamoDB/job-1/manifest-summary.json");
  expect(md5Key(keys.files)).toBe("nightly/AWSDynamoDB/job-1/manifest-files.md5");
  expect(keys.prefix).toBe("nightly");
  expect(new ExportKeys({}, "job-1").files).toBe("AWSDynamoDB/job-1/manifest-files.json");
  expect(new ExportKeys({}, "job-1").prefix).toBeNull();
});
