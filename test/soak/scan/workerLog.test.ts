import { workerLog } from "../../../soak/scan/workerLog";

const line = (fields: object) => JSON.stringify({ level: "INFO", service: "scanner-worker", ...fields });
const nothing = { killed: 0, timedOut: 0, held: 0, interrupted: {}, chains: {}, units: {} };

test("an empty log shows nothing", () => {
  expect(workerLog("")).toEqual(nothing);
});

test("turns at chains and work on units are counted by their ends", () => {
  const turn = { job: "a", chain: 0, turn: 1, ms: 9, waitedMs: 4 };
  const lines = [
    ...["continued", "continued", "ended", "retired", "stale", "parked", "unknown"].map((end) =>
      line({ message: `chain ${end}`, ...turn }),
    ),
    ...["done", "done", "failed", "retried", "lost", "paused", "retired", "stopped", "fatal"].map((end) =>
      line({ message: `unit ${end}`, job: "a", unit: 3 }),
    ),
  ];
  expect(workerLog(lines.join("\n"))).toEqual({
    ...nothing,
    chains: { continued: 2, ended: 1, retired: 1, stale: 1, parked: 1, unknown: 1 },
    units: { done: 2, failed: 1, retried: 1, lost: 1, paused: 1, retired: 1, stopped: 1, fatal: 1 },
  });
});

test("deliveries that met a held chain are distinguished from deliveries that went back for another reason", () => {
  const back = (error?: object) => line({ message: "back to the queue", error });
  const lines = [
    back({ code: "CHAIN_HELD" }),
    back({ code: "CHAIN_HELD" }),
    back({ code: "CHAIN_LOST", name: "SluiceError" }),
    back({ name: "ThrottlingException" }),
    back(),
  ];
  const interrupted = { CHAIN_LOST: 1, ThrottlingException: 1, unknown: 1 };
  expect(workerLog(lines.join("\n"))).toEqual({ ...nothing, held: 2, interrupted });
});

test("killed and timed out runs are counted, but not other lines and broken lines", () => {
  const lines = [
    line({ errorMessage: "the function was killed by a fault rule" }),
    line({ errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 10.00 seconds" }),
    line({ message: "unit done and dusted" }),
    line({ message: "the chain ended" }),
    '{"message":"chain end',
    "REPORT RequestId: 1",
  ];
  expect(workerLog(lines.join("\n"))).toEqual({ ...nothing, killed: 1, timedOut: 1 });
});
