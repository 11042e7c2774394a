import type { SoakDriver } from "../driver";

/** The settings of a backfill soak. */
export interface BackfillSoakSettings {
  readonly driver: SoakDriver;
  /** Items in the table. */
  readonly items: number;
  /** Segments of each job that reads the table. */
  readonly segments: number;
  /** Worker functions to kill. */
  readonly kills: number;
  /** Makes items and faults repeatable; not the order in which workers and others come. */
  readonly seed: number;
  /** Rate of each job, WCU/s; one job's is half as much again from two thirds on. */
  readonly rate: number;
  /** Writes per second by others. */
  readonly foreign: number;
  /** When it gives up, in minutes from the start. */
  readonly timeLimitMinutes: number;
}
