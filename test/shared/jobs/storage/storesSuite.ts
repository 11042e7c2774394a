/** What every store of jobs, chains and units must do, wherever it keeps them. */
import type { Job } from "../../../../shared/jobs/job";
import type { ChainStore, JobStore, UnitStore } from "../../../../shared/jobs/stores";
import { chainsSuite } from "./chainsSuite";
import { jobsSuite } from "./jobsSuite";
import { unitsSuite } from "./unitsSuite";

export interface Stores {
  readonly units: UnitStore;
  readonly chains: ChainStore;
  readonly jobs: JobStore;
  /** Whether the ledgers of a job grant it nothing. */
  readonly paused: (job: Job) => Promise<boolean>;
}

/** Opens stores with one job in them. */
export type OpenStores = (job: Job) => Promise<Stores>;

export function storesSuite(open: OpenStores): void {
  describe("units", () => unitsSuite(open));
  describe("chains", () => chainsSuite(open));
  describe("jobs", () => jobsSuite(open));
}
