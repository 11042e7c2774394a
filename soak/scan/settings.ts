import type { ScanSoakDriver } from "../driver";

/** The settings of a scanner soak. */
export interface ScanSoakSettings {
  readonly driver: ScanSoakDriver;
  /** Items in the table. */
  readonly items: number;
  /** Segments of each job. */
  readonly segments: number;
  /** Worker functions to kill. */
  readonly kills: number;
  /** Makes items and faults repeatable. */
  readonly seed: number;
  /** Rate of the jobs, RCU/s; the export's is half as much again from two thirds on. */
  readonly rcu: number;
  /** When it gives up, in minutes from the start. */
  readonly timeLimitMinutes: number;
}
