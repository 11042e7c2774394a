import { reportOf } from "../../../cli/errors";
import { refused, renderAnswer } from "../../../cli/jobs/verbs";
import { SluiceError } from "../../../shared/errors";
import type { StartAnswer } from "../../../shared/jobs/startFunction";
import { reading } from "./jobs";

const answer: StartAnswer = { job: "nightly", state: "running", units: 4, limits: reading(1_500) };
const writing = { direction: "write", table: "surveys", limits: { table: 62.5 } } as const;

test.each<[string, Partial<StartAnswer>, string]>([
  ["read", {}, "Job nightly is running: 4 units at 1,500 RCU/s."],
  ["one unit", { units: 1 }, "Job nightly is running: 1 unit at 1,500 RCU/s."],
  ["written", { limits: [writing] }, "Job nightly is running: 4 units at 62.5 WCU/s."],
  [
    "read and written",
    { limits: [...reading(100), writing] },
    "Job nightly is running: 4 units at 100 RCU/s and 62.5 WCU/s.",
  ],
  [
    "looked into",
    { limits: [...reading(100), { direction: "read", purpose: "lookup", table: "surveys", limits: { table: 40 } }] },
    "Job nightly is running: 4 units at 100 RCU/s and 40 RCU/s for lookups in table surveys.",
  ],
  [
    "started before",
    { state: "completed", startedBefore: true },
    "Job nightly was started before and is completed; nothing new was started.",
  ],
])("the answer about a job that is %s", (_, changes, text) => {
  expect(renderAnswer({ ...answer, ...changes })).toBe(text);
});

test("a call that was repeated until its time was over is reported by the error of its last attempt", () => {
  const last = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
  const over = new SluiceError("OUT_OF_TIME", "The time was over while a call was retried.", { cause: last });
  expect(reportOf(over)).toMatchObject({
    document: { error: { code: "AWS" } },
    text: "AWS could not be reached: connect ECONNREFUSED 127.0.0.1:1.",
  });
});

test("a refusal has every problem on a line", () => {
  const { text } = reportOf(refused("Not started", { code: "X", problems: ["One.", "Two."] }));
  expect(text).toBe("Not started:\n  One.\n  Two.");
});
