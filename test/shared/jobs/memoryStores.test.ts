import { MemoryJobs, MemoryTables, MemoryUnits } from "./memoryStores";
import { storesSuite } from "./storesSuite";

describe("jobs and units in memory", () =>
  storesSuite(async (job) => {
    const tables = MemoryTables.with(job);
    return { jobs: new MemoryJobs(tables), units: new MemoryUnits(tables) };
  }));
