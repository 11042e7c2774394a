import type { EventBridgeClient, PutEventsCommandInput } from "@aws-sdk/client-eventbridge";
import { isTransient } from "../../../shared/aws/transient";
import type { Job } from "../../../shared/jobs/job";
import { endOf, putJobEvent, refusalEvent } from "../../../shared/jobs/jobEvents";
import { sampleJob } from "../../support/sampleJob";

const job = (changes: Partial<Job> = {}): Job =>
  sampleJob({
    id: "job-1",
    source: { kind: "table", table: "orders", consistentRead: false },
    state: "completed",
    units: 8,
    unitsDone: 8,
    epoch: 2,
    createdAt: 1_000,
    endedAt: 63_400,
    ...changes,
  });

/** The size of an entry, by https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const EVENT_BYTES_MAX = 262_144;
const bytes = (detail: object) => Buffer.byteLength(JSON.stringify(detail));

describe("the end of a job", () => {
  test("is published with its work and its outcome", () => {
    expect(endOf(job({ result: { items: 5 } }), "jobs-7f3a")).toEqual({
      type: "Job completed",
      detail: {
        jobsTable: "jobs-7f3a",
        job: "job-1",
        epoch: 2,
        state: "completed",
        table: "orders",
        operation: "count",
        units: 8,
        unitsFailed: 0,
        seconds: 62,
        result: { items: 5 },
        summary: "Job job-1 completed: count over table orders, 8 units in 62 s.",
      },
    });
  });

  test.each<[string, Partial<Job>, string]>([
    [
      "failed units",
      { state: "failed", unitsDone: 5, unitsFailed: 3 },
      "Job job-1 failed: count over table orders, 3 of 8 units failed in 62 s.",
    ],
    [
      "a result that could not be put together",
      { state: "failed", reason: 'The results could not be combined: Error: "no"' },
      "Job job-1 failed: count over table orders, 8 units in 62 s. The results could not be combined: Error: 'no'",
    ],
    [
      "an index",
      { source: { kind: "table", table: "orders", index: "by-day", consistentRead: false } },
      "Job job-1 completed: count over index by-day of table orders, 8 units in 62 s.",
    ],
    ["one unit", { units: 1 }, "Job job-1 completed: count over table orders, 1 unit in 62 s."],
  ])("is described in a sentence: %s", (_, changes, summary) => {
    const { type, detail } = endOf(job(changes), "jobs");
    expect(detail.summary).toBe(summary);
    expect(type).toBe(changes.state === "failed" ? "Job failed" : "Job completed");
  });

  test.each([
    ["ASCII", "x"],
    ["of three bytes a character", "√"],
    ["escaped", "\u0001"],
  ])("a result too large for an event is left to the job's record: %s", (_, character) => {
    for (const length of [1_000, 30_000, 99_000, 200_000]) {
      const { detail } = endOf(job({ result: { text: character.repeat(length) } }), "jobs");
      expect(bytes(detail)).toBeLessThan(EVENT_BYTES_MAX - 10_000);
      if (length === 1_000) expect(detail).toHaveProperty("result");
    }
  });

  test("a long reason does not make the event too large, either", () => {
    const { detail } = endOf(job({ state: "failed", reason: "√".repeat(300_000) }), "jobs");
    expect(bytes(detail)).toBeLessThan(EVENT_BYTES_MAX - 10_000);
  });
});

describe("a refusal", () => {
  test("is published with all problems and in one sentence", () => {
    const refusal = { code: "INVALID_REQUEST", problems: ["table must be given.", 'rate must be …, got "x".'] };
    expect(refusalEvent("m-1", refusal, "jobs")).toEqual({
      jobsTable: "jobs",
      messageId: "m-1",
      ...refusal,
      summary: "Message m-1 started no job: table must be given. rate must be …, got 'x'.",
    });
  });

  test("of a message full of nonsense is published in part", () => {
    const problems = Array.from({ length: 10_000 }, (_, n) => `option${n}${"√".repeat(190)} is not an option.`);
    const detail = refusalEvent("m-1", { code: "INVALID_REQUEST", problems }, "jobs");
    expect(bytes(detail)).toBeLessThan(EVENT_BYTES_MAX - 10_000);
    expect(detail.problems).toContain("9900 more problems.");
  });
});

describe("publishing", () => {
  const bus = (answer: object) => {
    const inputs: PutEventsCommandInput[] = [];
    const send = async ({ input }: { input: PutEventsCommandInput }) => {
      inputs.push(input);
      return answer;
    };
    return { inputs, client: { send } as unknown as EventBridgeClient };
  };

  test("an event has bus, source, type and detail", async () => {
    const { inputs, client } = bus({ FailedEntryCount: 0, Entries: [{ EventId: "1" }] });
    await putJobEvent(client, "lab", "Job completed", { jobsTable: "jobs", summary: "Done." });
    const Detail = '{"jobsTable":"jobs","summary":"Done."}';
    const entry = { EventBusName: "lab", Source: "sluice.jobs", DetailType: "Job completed", Detail };
    expect(inputs).toEqual([{ Entries: [entry] }]);
  });

  test.each([
    ["ThrottlingException", true],
    ["InternalFailure", true],
    ["InternalException", true],
    ["MalformedDetail", false],
    ["NotAuthorizedForSourceException", false],
  ])("an event that was not accepted is an error: %s, which may pass: %s", async (ErrorCode, passes) => {
    const { client } = bus({ FailedEntryCount: 1, Entries: [{ ErrorCode, ErrorMessage: "no" }] });
    const error = await putJobEvent(client, "lab", "Job failed", { jobsTable: "jobs", summary: "" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ name: ErrorCode, message: expect.stringContaining("no") });
    expect(isTransient(error)).toBe(passes);
  });
});
