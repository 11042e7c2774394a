/** What the page does to a job that exists, as the commands `jobs rate`, `pause`, `resume` and `cancel` do. */
import { answerOf } from "../../../shared/jobs/startFunction";
import { changeRate, type RateFlags } from "../../jobs/changeRate";
import { renderAnswer } from "../../jobs/verbs";
import { isRefusal, startAsOperator } from "../../startFunction";
import type { DoneDocument } from "../contract";
import type { Desk } from "../desk";
import { problemsOf } from "./startForm";

/** @param rates as they were typed. @throws as changeRate */
export async function rate({ operator }: Desk, id: string, rates: RateFlags): Promise<DoneDocument> {
  const { job, warnings } = await changeRate(operator, id, rates);
  return { message: renderAnswer(answerOf(job)), warnings };
}

export async function pause({ operator }: Desk, id: string): Promise<DoneDocument> {
  return { message: renderAnswer(answerOf(await operator.control.pause(id))), warnings: [] };
}

export async function cancel({ operator }: Desk, id: string): Promise<DoneDocument> {
  return { message: renderAnswer(answerOf(await operator.control.cancel(id))), warnings: [] };
}

/** @throws RequestProblems if the start function refuses it */
export async function resume({ operator }: Desk, id: string): Promise<DoneDocument> {
  await operator.control.read(id);
  const answer = await startAsOperator(operator, { resume: id });
  if (isRefusal(answer)) throw problemsOf(answer.problems, answer.code);
  return { message: renderAnswer(answer), warnings: answer.warnings ?? [] };
}
