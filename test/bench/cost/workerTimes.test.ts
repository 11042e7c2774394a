import { workerTimes } from "../../../bench/cost/workerTimes";

const line = (message: string, ms?: unknown, waitedMs?: unknown) =>
  JSON.stringify({ message, job: "job", chain: 0, turn: 3, ms, waitedMs });

test.each(["ended", "continued", "retired", "stale", "parked", "unknown"])("a turn that %s counts", (outcome) => {
  expect(workerTimes(line(`chain ${outcome}`, 52_000, 31_000))).toEqual({ ms: 52_000, waitedMs: 31_000 });
});

test("all turns are added up, whatever lies between their lines", () => {
  const log = [
    "START RequestId: 1",
    line("chain continued", 100, 10),
    line("unit done"),
    '{"_aws":{"Timestamp":1}}',
    "null",
    line("chain ended", 50, 0),
    "",
  ].join("\n");
  expect(workerTimes(log)).toEqual({ ms: 150, waitedMs: 10 });
});

test.each([
  ["nothing", ""],
  ["other lines", line("chain of thought", 1, 1)],
  ["a line without times", line("chain ended")],
  ["malformed times", line("chain ended", "5", -1)],
])("%s: nothing is known", (_, log) => expect(workerTimes(log)).toBeUndefined());
