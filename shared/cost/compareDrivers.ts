/** Which driver is cheaper for a job. Pure. */
import { type Bill, billOf } from "./bill";
import { chainsOf } from "./chains";
import { workflowHanding } from "./handing";
import type { JobPlan } from "./jobPlan";
import { workflowUsage } from "./jobUsage";
import type { Demand } from "./load";
import { TRANSITIONS } from "./model";
import { dollarsFor, type Prices } from "./prices";

export interface DriverComparison {
  /** The cost of the whole job with each driver, including its capacity. Null: not priced. */
  readonly queue: number | null;
  readonly workflow: number | null;
  /** Absent: the stack has no spark driver, or it can't do the job. */
  readonly spark?: number | null;
  /** State transitions of the workflow driver. */
  readonly transitions: number;
  /** Absent: one of them is not priced. */
  readonly cheaper?: "queue" | "workflow" | "spark";
}

/** The bill of the job with each driver that is compared. */
export interface DriverBills {
  readonly queue: Bill;
  /** Undefined: the spark driver can't do it. */
  readonly spark: Bill | undefined;
}

/** @param demand the plan's. */
export function compareDrivers(plan: JobPlan, demand: Demand, bills: DriverBills, prices: Prices): DriverComparison {
  const lanes = chainsOf(plan, demand.load, workflowHanding);
  const transitions = transitionsOf(lanes);
  const paid = dollarsFor(transitions, "stateTransitions", prices);
  const bill = billOf(workflowUsage(lanes), { read: demand.rcu, write: demand.wcu }, prices);
  const queue = whole(bills.queue);
  const spark = bills.spark && whole(bills.spark);
  const others = whole(bill);
  const workflow = paid === undefined || others === null ? null : others + paid;
  const costs = { queue, workflow, ...(spark === undefined ? {} : { spark }) };
  const cheaper = cheapestOf(costs);
  return { ...costs, transitions, ...(cheaper === undefined ? {} : { cheaper }) };
}

/** With equal costs the queue driver: it has no bounds of history or state. Undefined: one of them is not priced. */
function cheapestOf(costs: Pick<DriverComparison, "queue" | "workflow" | "spark">): DriverComparison["cheaper"] {
  const names = (["queue", "workflow", "spark"] as const).filter((name) => costs[name] !== undefined);
  if (names.some((name) => costs[name] === null)) return undefined;
  return names.reduce((best, name) => (costs[name]! < costs[best]! ? name : best));
}

/** State transitions of a job, from the turns of all its lanes and the turns that have to be waited for. */
export function transitionsOf({ turns, delayed }: { readonly turns: number; readonly delayed: number }): number {
  return Math.round(TRANSITIONS.execution + TRANSITIONS.turn * turns + TRANSITIONS.wait * delayed);
}

function whole({ dollars, notPriced }: Bill): number | null {
  return notPriced.length === 0 ? dollars : null;
}
