/** The goals of a job's cost, each beside what was measured. */
import { type Bill, dollarsOf } from "../../shared/cost/bill";
import { dollarsFor } from "../../shared/cost/prices";
import type { Usage } from "../../shared/cost/usage";
import type { Figure } from "../capacity/figures";
import type { OperationName } from "./jobs";
import { OUR_PRICES } from "./prices";
import type { Evenness } from "./timeline";

export interface Measured {
  readonly operation: OperationName;
  /** The limit, RCU/s. */
  readonly rate: number;
  /** RCU that the job read, and RCU of one undisturbed pass with full pages. */
  readonly rcu: number;
  readonly undisturbedRcu: number;
  readonly usage: Usage;
  readonly bill: Bill;
  readonly evenness: Evenness;
  /** Share of Lambda's billed time spent waiting for capacity; undefined if the workers didn't report it. */
  readonly waiting: number | undefined;
}

/** Goals as shares of the job's own capacity. The highest of these rates that isn't above the job's counts. */
const OVERHEAD_GOALS = [
  [4_000, 0.15],
  [1_000, 0.25],
  [100, 0.75],
  [0, 3],
] as const;
const PUT_GOALS = [
  [1_000, 0.1],
  [100, 0.5],
] as const;

const FAST = 1_000;

export function figuresOf(measured: Measured): Figure[] {
  const { operation, rate, rcu, undisturbedRcu, usage, bill, evenness, waiting } = measured;
  const capacity = dollarsOf(bill, "capacity") ?? Number.NaN;
  const puts = dollarsFor(usage.puts, "objectWrites", OUR_PRICES) ?? Number.NaN;
  return [
    atMost("capacity by one undisturbed pass", rcu / undisturbedRcu, rate >= 100 ? 1.02 : 1.05),
    atMost("everything else by capacity", (bill.dollars - capacity - puts) / capacity, goalAt(OVERHEAD_GOALS, rate)),
    ...(operation === "export" ? [atMost("puts by capacity", puts / capacity, goalAt(PUT_GOALS, rate))] : []),
    ...waitingFigure(waiting, rate),
    between("mean", evenness.mean, 0.98, 1.0005),
    atMost(evenness.windowMs > 1_000 ? "worst page by the time until the next" : "worst second", evenness.worst, 1.1),
    atMost("tail", evenness.tail, 0.05),
  ];
}

function waitingFigure(waiting: number | undefined, rate: number): Figure[] {
  const name = "waiting by Lambda's time";
  if (waiting !== undefined) return [atMost(name, waiting, rate >= FAST ? 0.5 : undefined)];
  return [{ name, measured: Number.NaN, goal: "reported by the workers", met: false }];
}

function goalAt(goals: readonly (readonly [rate: number, goal: number])[], rate: number): number | undefined {
  return goals.find(([from]) => rate >= from)?.[1];
}

/** @param most undefined: the figure has no goal. */
function atMost(name: string, measured: number, most: number | undefined): Figure {
  if (most === undefined) return { name, measured, goal: "reported", met: true };
  return { name, measured, goal: `at most ${most}`, met: measured <= most };
}

function between(name: string, measured: number, least: number, most: number): Figure {
  return { name, measured, goal: `${least} to 1`, met: measured >= least && measured <= most };
}
