import { storesSuite } from "../shared/jobs/storage/storesSuite";
import { MemoryJobs, MemoryTables, MemoryUnits } from "./memoryStores";

describe("jobs and units in memory", () =>
  storesSuite(async (job) => {
    const tables = MemoryTables.with(job);
    return { jobs: new MemoryJobs(tables), units: new MemoryUnits(tables) };
  }));
