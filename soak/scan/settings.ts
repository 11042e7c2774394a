import type { ScanSoakDriver } from "../driver";
import { type Bounds, checkBounds } from "../settings";

/** The settings of a scanner soak. */
export interface ScanSoakSettings {
  driver: ScanSoakDriver;
  /** Items in the table. 100 to 10,000,000. */
  items: number;
  /** Segments of each job. 1 to 10,000. */
  segments: number;
  /** Worker functions to kill. 0 to 10,000. */
  kills: number;
  /** Makes items and faults repeatable. 0 to 2^31. */
  seed: number;
  /** Rate of the jobs, RCU/s; the export's is half as much again from two thirds on. 10 to 20,000. */
  rcu: number;
  /** When it gives up, in minutes from the start. 1 to 240. */
  timeLimitMinutes: number;
}

const BOUNDS: Bounds<Omit<ScanSoakSettings, "driver">> = {
  items: [100, 10_000_000],
  segments: [1, 10_000],
  kills: [0, 10_000],
  seed: [0, 2 ** 31],
  rcu: [10, 20_000],
  timeLimitMinutes: [1, 240],
};

/** @throws SluiceError BAD_OPTION with every value that is not a whole number within its bounds. */
export function checkScanSettings({ driver, ...numbers }: ScanSoakSettings): ScanSoakSettings {
  return { driver, ...checkBounds(numbers, BOUNDS) };
}
