import { checkRedrive, redriveRequest } from "../../../cli/failures/redriveRequest";
import type { Job } from "../../../shared/jobs/job";
import { sampleJob } from "../../support/sampleJob";

const LIST = "keys:s3://results/update/a/failures/manifest.json";
const target = { name: "orders", keys: ["id"], keyTypes: { id: "S" as const }, indexes: [] };
const limits = [{ direction: "write", table: "orders", limits: { table: 50, indexes: { "by-day": 10 } } }] as const;

function job(name: string, params: Job["operation"]["params"], part: Partial<Job> = {}): Job {
  const source = { kind: "table", table: "orders", consistentRead: false } as const;
  return sampleJob({ id: "a", source, operation: { name, params }, target, limits, state: "completed", ...part });
}

const basis = { table: "orders", source: LIST, writeRate: 50 };
test.each<[string, Job, object]>([
  [
    "an update, which keeps its marker",
    job("update", { update: { set: { a: "b" } }, keepItems: true, sample: "1%" }),
    { operation: "update", ...basis, update: { set: { a: "b" } }, keepItems: true, markerValue: "a" },
  ],
  [
    "the redrive of a redrive, with the first job's marker",
    job("update", { update: {}, markerValue: "first" }),
    { operation: "update", ...basis, update: {}, markerValue: "first" },
  ],
  [
    "a deletion",
    job("delete", { onlyIf: "a = :a", values: { ":a": 1 } }),
    { operation: "delete", ...basis, onlyIf: "a = :a", values: { ":a": 1 } },
  ],
  [
    "a user's own update, whose params stay together",
    job("mine", { width: 3, to: "x", maxFailures: 5 }),
    { operation: "mine", ...basis, params: { width: 3, to: "x" }, maxFailures: 5 },
  ],
])("%s", (_, of, expected) => {
  expect(redriveRequest(of, LIST, {})).toEqual(expected);
});

test("a job of the workflow driver is redriven by it", () => {
  const { driver, ...rest } = redriveRequest(job("delete", {}, { driver: "workflow" }), LIST, {});
  expect(driver).toBe("workflow");
  expect(rest).toEqual(redriveRequest(job("delete", {}), LIST, {}));
});

test("a write rate that was given as a percentage stays one", () => {
  const limits = [{ direction: "write", table: "orders", limits: { table: 50 }, percentage: "5%" }] as const;
  expect(redriveRequest(job("delete", {}, { limits }), LIST, {})).toMatchObject({ writeRate: "5%" });
});

test("the operator's options replace those of the job", () => {
  const changes = { writeRate: "10%", maxFailures: 9, jobId: "b" };
  expect(redriveRequest(job("delete", { maxFailures: 5 }), LIST, changes)).toMatchObject(changes);
});

test.each(["completed", "failed", "cancelled", "paused"] as const)("a job that is %s can be redriven", (state) => {
  expect(() => checkRedrive(job("update", {}, { state }))).not.toThrow();
});

const exported = { source: { kind: "export", table: "orders" } as unknown as Job["source"] };
test.each<[string, Job, RegExp]>([
  ["one that runs", job("update", {}, { state: "running" }), /^Job a is running; its failures can be redriven once/],
  ["an undo", job("undo", {}), /^Job a can't be redriven: it undoes another job\..*`jobs undo`/],
  ["a copy of an export", job("copy", {}, exported), /its items come from an export.*with --if-absent\.$/],
])("%s can't be", (_, of, message) => {
  expect(() => checkRedrive(of)).toThrow(message);
});
