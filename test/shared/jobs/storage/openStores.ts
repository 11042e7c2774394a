import type { Job } from "../../../../shared/jobs/job";
import type { ChainStore, FailureStore, JobStore, UnitStore } from "../../../../shared/jobs/stores";

export interface Stores {
  readonly units: UnitStore;
  readonly chains: ChainStore;
  readonly jobs: JobStore;
  readonly failures: FailureStore;
  /** Whether the job's ledgers are paused for it. */
  readonly paused: (job: Job) => Promise<boolean>;
}

/** Opens stores with one job in them. */
export type OpenStores = (job: Job) => Promise<Stores>;
