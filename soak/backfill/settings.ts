import type { SoakDriver } from "../driver";
import { type Bounds, checkBounds } from "../settings";

/** The settings of a backfill soak. */
export interface BackfillSoakSettings {
  driver: SoakDriver;
  /** Items in the table. 100 to 1,000,000. */
  items: number;
  /** Segments of each job that reads the table. 1 to 1,000. */
  segments: number;
  /** Worker functions to kill. 0 to 10,000. */
  kills: number;
  /** Makes items and faults repeatable; not the order in which workers and others come. 0 to 2^31. */
  seed: number;
  /** Rate of each job, WCU/s; one job's is half as much again from two thirds on. 10 to 4,000. */
  rate: number;
  /** Writes per second by others. 1 to 1,000. */
  foreign: number;
  /** When it gives up, in minutes from the start. 1 to 240. */
  timeLimitMinutes: number;
}

const BOUNDS: Bounds<Omit<BackfillSoakSettings, "driver">> = {
  items: [100, 1_000_000],
  segments: [1, 1_000],
  kills: [0, 10_000],
  seed: [0, 2 ** 31],
  rate: [10, 4_000],
  foreign: [1, 1_000],
  timeLimitMinutes: [1, 240],
};

/** @throws SluiceError BAD_OPTION with every value that is not a whole number within its bounds. */
export function checkBackfillSettings({ driver, ...numbers }: BackfillSoakSettings): BackfillSoakSettings {
  return { driver, ...checkBounds(numbers, BOUNDS) };
}
