import { protectionWarnings } from "../../../services/jobs/protection";
import { sampleJob } from "../../support/sampleJob";

const target = { name: "orders", keys: ["id"], keyTypes: { id: "S" as const }, indexes: [] };
const update = sampleJob({ operation: { name: "update", params: {} }, target });

test("a job that changes a table is warned of if nothing could restore the table", () => {
  expect(protectionWarnings(update, "not recoverable")).toEqual([
    expect.stringMatching(/^Point-in-time recovery of table orders is off: /),
  ]);
  expect(protectionWarnings(update, "recoverable")).toEqual([]);
});

test("a dry run is not warned of, because it changes nothing", () => {
  const dry = { ...update, operation: { name: "update", params: { dryRun: true } } };
  expect(protectionWarnings(dry, "not recoverable")).toEqual([]);
});
