/** Numbers under the real protocol of the workflow driver on stores in memory. Every effect is recorded. */
import type { EpochTask, NumberTask } from "../../../../shared/drivers/driver";
import type { Work } from "../../../../shared/engine/unitWork";
import { handleNumber } from "../../../../shared/engine/workflow/numbers";
import { summarizeJob } from "../../../../shared/engine/workflow/summary";
import { jobAtHand, type Setting } from "../unitAtHand";

/** Like `jobAtHand`. `step`: one delivery of a step, by default on number 0. */
export function numberAtHand(setting: Setting = {}) {
  const ground = jobAtHand(setting);
  const epoch = setting.job?.epoch ?? 0;
  const step = (work: Work, task: Partial<NumberTask> = {}, owner = "worker") =>
    handleNumber({ job: "job", epoch, number: 0, ...task }, { ...ground.options, owner, work });
  const summarize = (task: Partial<EpochTask> = {}, owner = "worker") =>
    summarizeJob({ job: "job", epoch, ...task }, { ...ground.options, owner });
  return { ...ground, step, summarize };
}
