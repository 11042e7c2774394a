import type { Job } from "../../shared/jobs/job";
import { storesSuite } from "../shared/jobs/storage/storesSuite";
import { MemoryChains, MemoryFailures, MemoryJobs, MemoryTables, MemoryUnits } from "./memoryStores";

describe("jobs, chains and units in memory", () =>
  storesSuite(async (job) => {
    const tables = MemoryTables.with(job);
    const paused = async ({ id }: Job) => tables.isPaused(id);
    const [jobs, units, chains] = [new MemoryJobs(tables), new MemoryUnits(tables), new MemoryChains(tables)];
    return { jobs, units, chains, failures: new MemoryFailures(tables), paused };
  }));
