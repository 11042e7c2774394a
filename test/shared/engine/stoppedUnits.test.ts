import { systemClock } from "../../../shared/clock";
import { handleUnitMessage, type Work } from "../../../shared/engine/protocol";
import { MemoryJobs, MemoryTables, MemoryUnits } from "../../support/memoryStores";
import { sampleJob } from "../../support/sampleJob";

/** One unit whose messages are handled one after the other. */
function unitAtHand() {
  const tables = MemoryTables.with(sampleJob({ units: 1 }));
  return (owner: string, work: Work) =>
    handleUnitMessage(
      { job: "job", unit: 0, turn: 0 },
      {
        jobs: new MemoryJobs(tables),
        units: new MemoryUnits(tables),
        queue: { send: async () => undefined },
        clock: systemClock,
        owner,
        leaseUntil: Date.now() + 60_000,
        isTransient: () => true,
        work,
        ending: { isTransient: () => true, summarize: async () => undefined, announce: async () => undefined },
      },
    );
}

const outage = new Error("the database is away");
const fails: Work = async () => {
  throw outage;
};
const page = { cursor: {}, counts: { pages: 1, scannedItems: 1, items: 1, rcu: 1 }, result: 1, rcuPerSecond: 1 };

test("what stops a unit is told with how many attempts in a row got no further", async () => {
  const handle = unitAtHand();
  await expect(handle("first", fails)).rejects.toMatchObject({ code: "UNIT_STOPPED", value: 1, cause: outage });
  await expect(handle("second", fails)).rejects.toMatchObject({ code: "UNIT_STOPPED", value: 2, retryable: true });
});

test("a page that was saved begins the count anew", async () => {
  const handle = unitAtHand();
  for (const owner of ["first", "second"]) await expect(handle(owner, fails)).rejects.toThrow();
  const savesFirst: Work = async (job, unit, save) => {
    await save(page);
    return fails(job, unit, save);
  };
  await expect(handle("third", savesFirst)).rejects.toMatchObject({ code: "UNIT_STOPPED", value: 1 });
});
