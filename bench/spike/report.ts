import type { Prices } from "../../shared/cost/prices";
import type { LIMITS } from "./limits";
import type { Spike } from "./spike";
import type { StackSettings } from "./stackSettings";
import type { Assumptions, Stage } from "./stages";

/** The result of `npm run bench -- spike`. */
export interface Report {
  stack: string;
  settings: StackSettings;
  /** Batches at once: the setting, or the number that the program computes instead. */
  concurrency: number;
  assumed: Assumptions;
  /** Submissions/s of each stage at the beginning of a flood and in the end; null if it holds nothing back. */
  stages: (Pick<Stage, "name" | "ours" | "refuses"> & { atFirst: number | null; inTheEnd: number | null })[];
  /** Submissions/s that one participant alone can send. */
  perParticipant: number;
  spikes: Spike[];
  limits: typeof LIMITS;
  prices: Prices;
}
