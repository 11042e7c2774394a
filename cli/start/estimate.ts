/** Asks the start function for a plan, and estimates its cost. */
import type { Estimate } from "../../shared/cost/estimate";
import { estimateJob } from "../../shared/cost/estimateJob";
import type { Prices } from "../../shared/cost/prices";
import { SluiceError } from "../../shared/errors";
import type { StartRefusal } from "../../shared/jobs/startFunction";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { Operator } from "../operator";
import { invokePlan, isRefusal } from "../startFunction";

/** @throws SluiceError as invokePlan */
export async function askEstimate(
  operator: Operator,
  request: StartRequest,
  prices: Prices,
): Promise<Estimate | StartRefusal> {
  const answer = await invokePlan(operator, request);
  return isRefusal(answer) ? answer : estimateJob(answer.plan, prices);
}

/** What is known about a job before it starts. */
export interface Foreseen {
  /** It has no warnings, because the start's answer repeats them. */
  readonly estimate?: Estimate;
  /** Name of the table that it changes. */
  readonly changes?: string;
  /** Why it would not be started. */
  readonly refusal?: StartRefusal;
}

/** An older start function knows no estimates. In that case the job starts without one. */
export async function estimateBeforeStart(
  operator: Operator,
  request: StartRequest,
  prices: Prices,
): Promise<Foreseen> {
  try {
    const answer = await invokePlan(operator, request);
    if (isRefusal(answer)) return { refusal: answer };
    const { plan } = answer;
    const changes = plan.changes === undefined || plan.changes.dryRun ? {} : { changes: plan.changes.table };
    return { estimate: estimateJob({ ...plan, warnings: [] }, prices), ...changes };
  } catch (error) {
    if (error instanceof SluiceError) return {};
    throw error;
  }
}
