import { logFigures } from "../../soak/logFigures";

test("logs give these figures, line by line: killed, timed out, handed back, come again, longest wait", () => {
  const lines = [
    { level: "ERROR", errorType: "Runtime.ExitError", errorMessage: "killed by a fault rule" },
    { level: "ERROR", errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 5.00 seconds" },
    { _aws: {}, SubmissionAge: [1_200, 61_000], Stored: [1, 1], Duplicates: 1 },
    { _aws: {}, SubmissionAge: 300, TransientFailures: [1, 1, 1] },
    { level: "WARN", message: "quarantined" },
  ];
  const logs = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"cut off by a k`;
  expect(logFigures(logs)).toEqual({ killed: 1, timedOut: 1, handedBack: 3, duplicates: 1, oldestSeconds: 61 });
});

test("without logs there are no figures", () => {
  expect(logFigures("")).toEqual({ killed: 0, timedOut: 0, handedBack: 0, duplicates: 0, oldestSeconds: 0 });
});
