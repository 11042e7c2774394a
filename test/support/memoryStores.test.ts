import type { Job } from "../../shared/jobs/job";
import { storesSuite } from "../shared/jobs/storage/storesSuite";
import { MemoryJobs, MemoryTables, MemoryUnits } from "./memoryStores";

describe("jobs and units in memory", () =>
  storesSuite(async (job) => {
    const tables = MemoryTables.with(job);
    const paused = async ({ id }: Job) => tables.isPaused(id);
    return { jobs: new MemoryJobs(tables), units: new MemoryUnits(tables), paused };
  }));
