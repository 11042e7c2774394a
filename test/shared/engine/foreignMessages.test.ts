import { systemClock } from "../../../shared/clock";
import { firstTurn, handleUnitTurn, type ProtocolOptions } from "../../../shared/engine/protocol";
import type { Job } from "../../../shared/jobs/job";

/** A job of four units in its second epoch, and stores that only note whether a unit is taken. */
function setUp() {
  const taken: number[] = [];
  const job = { id: "job", state: "running", units: 4, unitsDone: 0, unitsFailed: 0, epoch: 1 } as Job;
  const options = {
    jobs: { read: async () => job },
    units: {
      take: async ({ unit, turn }: { unit: number; turn: number }) => {
        taken.push(unit);
        return { taken: false, unit: { state: "active", turn: turn + 1 } };
      },
    },
    clock: systemClock,
  } as unknown as ProtocolOptions;
  const handle = (unit: number, turn: number) => handleUnitTurn({ job: "job", unit, turn }, options);
  return { handle, taken };
}

test.each([
  ["a unit the job does not have", 4, 0],
  ["a unit far beyond", 1e9, 0],
  ["a turn of an epoch that has not come", 0, firstTurn(2)],
])("a message that the job cannot have sent is let go without a trace: %s", async (_, unit, turn) => {
  const { handle, taken } = setUp();
  expect(await handle(unit, turn)).toBe("unknown");
  expect(taken).toEqual([]);
});

test.each([
  ["the last unit", 3, firstTurn(1)],
  ["an earlier epoch", 0, 5],
  ["the last turn of this one", 0, firstTurn(2) - 1],
])("others are looked at: %s", async (_, unit, turn) => {
  const { handle, taken } = setUp();
  expect(await handle(unit, turn)).toBe("stale");
  expect(taken).toEqual([unit]);
});
