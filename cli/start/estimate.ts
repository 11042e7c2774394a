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
  { lambda, startFunction }: Operator,
  request: StartRequest,
  prices: Prices,
): Promise<Estimate | StartRefusal> {
  const answer = await invokePlan(lambda, startFunction, request);
  return isRefusal(answer) ? answer : estimateJob(answer.plan, prices);
}

/**
 * The estimate of a job that is about to start; undefined if there is none. It never keeps the job from starting: the start
 * itself reports every problem of the request, and an older start function knows no estimates. It has no warnings, because
 * the start's answer repeats them.
 */
export async function estimateBeforeStart(
  { lambda, startFunction }: Operator,
  request: StartRequest,
  prices: Prices,
): Promise<Estimate | undefined> {
  try {
    const answer = await invokePlan(lambda, startFunction, request);
    return isRefusal(answer) ? undefined : estimateJob({ ...answer.plan, warnings: [] }, prices);
  } catch (error) {
    if (error instanceof SluiceError) return undefined;
    throw error;
  }
}
