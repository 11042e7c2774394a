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
  /** The whole job with each driver, its capacity included. Null: not priced. */
  readonly queue: number | null;
  readonly workflow: number | null;
  /** State transitions of the workflow driver. */
  readonly transitions: number;
  /** Absent: one of them is not priced. */
  readonly cheaper?: "queue" | "workflow";
}

/** @param demand the plan's. @param queueBill the job's bill with the queue driver. */
export function compareDrivers(plan: JobPlan, demand: Demand, queueBill: Bill, prices: Prices): DriverComparison {
  const lanes = chainsOf(plan, demand.load, workflowHanding);
  const transitions = transitionsOf(lanes);
  const paid = dollarsFor(transitions, "stateTransitions", prices);
  const bill = billOf(workflowUsage(lanes), { read: demand.rcu, write: demand.wcu }, prices);
  const queue = whole(queueBill);
  const others = whole(bill);
  const workflow = paid === undefined || others === null ? null : others + paid;
  if (queue === null || workflow === null) return { queue, workflow, transitions };
  // With equal costs the queue driver: it has no bounds of history or state.
  return { queue, workflow, transitions, cheaper: queue <= workflow ? "queue" : "workflow" };
}

/** State transitions of a job whose lanes take so many turns in all, some of which have to be waited for. */
export function transitionsOf({ turns, delayed }: { readonly turns: number; readonly delayed: number }): number {
  return Math.round(TRANSITIONS.execution + TRANSITIONS.turn * turns + TRANSITIONS.wait * delayed);
}

function whole({ dollars, notPriced }: Bill): number | null {
  return notPriced.length === 0 ? dollars : null;
}
