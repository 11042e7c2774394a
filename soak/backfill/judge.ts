import { aheadOfAllowance } from "../shares";
import { PAUSED } from "./chaos";
import { type JobName, jobNames } from "./jobs";
import type { BackfillSoakReport, JobFigures } from "./report";

type Findings = Omit<BackfillSoakReport, "ok" | "differences">;

/** All deviations, a sentence each. */
export function judge(found: Findings): string[] {
  const { settings, work, capacity, unexplained, exported, left, dead, pause } = found;
  const { unknown = 0 } = work.chains;
  const { failed = 0, fatal = 0 } = work.units;
  const { table, copy } = capacity;
  return [
    ...jobNames.flatMap((name) => jobDifferences(name, found.jobs[name])),
    ...unless(exported === settings.items, `the export has ${exported} items, not ${settings.items}`),
    ...unless(found.jobs.label.items === exported, `label had ${found.jobs.label.items} items, not ${exported}`),
    ...unexplained,
    ...unless(work.killed >= settings.kills, `${work.killed} workers were killed, not ${settings.kills}`),
    ...unless(unknown === 0, `${unknown} message(s) were taken for those of no job`),
    ...unless(failed + fatal === 0, `${failed} unit(s) were given up, ${fatal} stopped the whole job`),
    ...aheadOfAllowance("the table's writers", table),
    ...aheadOfAllowance("the copy's writers", copy),
    ...(pause === undefined ? ["the job ended before it was paused"] : []),
    ...unless((pause?.wentOn ?? 0) === 0, `${pause?.wentOn} units went on while their job was paused`),
    ...unless(
      left === 0,
      `${left} ${settings.driver === "queue" ? "message(s) left in the queue" : "execution(s) still run"}`,
    ),
    ...unless(
      dead === 0,
      `${dead} ${settings.driver === "queue" ? "message(s) in the dead-letter queue" : "execution(s) ended badly"}`,
    ),
  ];
}

function jobDifferences(name: JobName, job: JobFigures): string[] {
  const { state, reason, units, unitsDone, items, outcomes, changes, list, mustFail, listed, counted } = job;
  const sum = Object.values(outcomes).reduce((total, count) => total + count, 0);
  const says = (difference: string) => `${name}: ${difference}`;
  return [
    ...unless(state === "completed", `it is ${state} (${reason})`),
    ...unless(unitsDone === units, `${unitsDone} of ${units} units are done`),
    ...unless(sum === items, `its outcomes add up to ${sum}, its pages had ${items} items`),
    ...unless(outcomes.failed === mustFail, `${outcomes.failed} items failed, not ${mustFail}`),
    ...unless(outcomes.updated <= changes, `${outcomes.updated} items are updated, the model knows ${changes} changes`),
    ...list.missing.slice(0, SHOWN).map((each) => `the list lacks ${each}`),
    ...list.repeated.slice(0, SHOWN).map((each) => `the list has ${each} more than once`),
    ...list.wrong.slice(0, SHOWN).map((each) => `the list has ${each}, which need not fail`),
    ...unless(list.conflicts === outcomes.conflict, `${list.conflicts} conflicts are listed, not ${outcomes.conflict}`),
    ...unless(listed === mustFail + outcomes.conflict, `its manifest counts ${listed} failures`),
    // A page that is repeated counts its failures again; a resumed job begins anew.
    ...unless(counted >= mustFail || name === PAUSED, `it counted ${counted} failures on its way, not ${mustFail}`),
    ...job.strays.map((key) => `there is ${key} beside the list`),
  ].map(says);
}

const SHOWN = 20;

function unless(right: boolean, difference: string): string[] {
  return right ? [] : [difference];
}
