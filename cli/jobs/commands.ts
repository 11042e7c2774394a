/** `jobs list | show | watch | pause | resume | cancel | rate | delete`: wiring only. */
import { type Command, Option } from "commander";
import { driverOf, type Job, jobStates } from "../../shared/jobs/job";
import { answerOf } from "../../shared/jobs/startFunction";
import { startOptions } from "../../shared/jobs/startRequest";
import { readAudit } from "../../shared/jobs/storage/audit";
import { complain } from "../io";
import { jobId } from "../jobId";
import { PRICES_FLAG, type PricesFlags, readPrices } from "../prices";
import type { Attach, Session } from "../session";
import { isRefusal, startAsOperator } from "../startFunction";
import { toJson } from "../text/json";
import { wholeNumber } from "../wholeNumber";
import { changeRate, type RateFlags, wantedRates } from "./changeRate";
import { type DeleteFlags, deleteCommand } from "./deleteCommand";
import { dryRunFigures } from "./describeWriting";
import { auditDocument, snapshotDocument } from "./documents";
import { readBill } from "./jobBill";
import { resultPlaces } from "./jobFacts";
import { type ListFlags, listCommand, placeInList } from "./listCommand";
import { MOST_ROWS, renderShow } from "./renderShow";
import { jobSource, type Snapshot, SnapshotReader } from "./snapshot";
import { refused, renderAnswer, renderRemains } from "./verbs";
import { watchJob } from "./watchJob";

/** DynamoDB reads at most this many records at once. */
const MOST_LISTED = 100;

const WATCH_HELP = `
If the job is paused, the command waits until somebody resumes it and it has ended.
Ctrl-C stops watching, never the job. --json prints the ended job; lines about its
progress go to standard error.

Exit code: 0 the job is completed, 1 it failed, was cancelled or could not be
watched, else as for all commands.`;

const RATE_HELP = `
A percentage refers to what the table or index has now. Workers notice the change
within 2 s. A job below 15 RCU/s notices it with its next page, 30 s later at most.
In a limit group, the new rate applies to all jobs of the group. With the workflow
driver, a job of many units also changes how many units it works on at once. A job
of few units does that only after a pause and a resume.

Examples:
  jobs rate nightly --read-rate 200
  jobs rate nightly --read-rate 50%`;

const DELETE_HELP = `
Objects of a job that failed or was cancelled are of no use, so they are always deleted.
Repeat the command if it is interrupted.`;

/** @returns the command `jobs`, for further ones below it */
export function addJobsCommands(program: Command, attach: Attach): Command {
  const jobs = program.command("jobs").description("List, watch, slow, pause, resume, cancel and delete jobs.");
  addReading(jobs, attach);
  addVerbs(jobs, attach);
  return jobs;
}

function addReading(jobs: Command, attach: Attach): void {
  const list = jobs.command("list").description("List jobs page by page, the newest first.");
  list
    .addOption(new Option("--state <state>", "only jobs in this state").choices(jobStates))
    .option("--table <name>", "only jobs that read or change this table")
    .option("--operation <name>", "only jobs with this operation")
    .option("--limit <n>", `most jobs to list, 1 to ${MOST_LISTED}`, wholeNumber(MOST_LISTED), 20)
    .option("--from <place>", "list the page that begins here; the page before it prints the place", placeInList);
  attach<ListFlags>(list, listCommand);

  const show = jobs
    .command("show")
    .description("Show a job's totals, its cost so far, and its units, failed ones first.");
  show
    .argument("<id>", "the job", jobId)
    .option("--all", `show every unit instead of ${MOST_ROWS}, and up to 200 changes`);
  show.option(...PRICES_FLAG);
  attach<{ all?: boolean } & PricesFlags>(show, async (session, [id], { all = false, prices: file }) => {
    const prices = await session.read(() => readPrices(file, session.io.root));
    const operator = await session.operator();
    const snapshot = await new SnapshotReader(jobSource(operator, id!), session.io.clock).read();
    const bill = await readBill(operator, snapshot, prices);
    const audit = await readAudit(operator.dynamodb, operator.jobsTable, id!);
    const results = resultPlaces(snapshot.job, operator.resultsBucket);
    const dryRun = dryRunFigures(snapshot.job, snapshot.progress.writing, prices);
    const document = {
      ...snapshotDocument(snapshot),
      ...driverFields(snapshot, operator.glueJob),
      ...writingFigures(snapshot),
      bill,
      results,
      audit: audit.map(auditDocument),
    };
    const shown = dryRun === undefined ? document : { ...document, dryRun };
    session.print(
      toJson(shown, 2),
      renderShow(snapshot, all, { bill, dryRun, glueJob: operator.glueJob, results, audit, width: session.width }),
    );
    return 0;
  });

  const watch = jobs.command("watch").description("Watch a job until it ends.");
  watch.argument("<id>", "the job", jobId).addHelpText("after", WATCH_HELP);
  attach(watch, (session, [id]) => watchJob(session, id!));
}

function addVerbs(jobs: Command, attach: Attach): void {
  const pause = jobs.command("pause").description("Stop a job until it is resumed; it costs nothing meanwhile.");
  attach(pause.argument("<id>", "the job", jobId), (session, [id]) => change(session, (control) => control.pause(id!)));

  const resume = jobs.command("resume").description("Resume a job that is paused, failed or stuck.");
  attach(resume.argument("<id>", "the job", jobId), (session, [id]) => resumeJob(session, id!));

  const cancel = jobs.command("cancel").description("End a job for good. Its results stay until the job is deleted.");
  attach(cancel.argument("<id>", "the job", jobId), async (session, [id]) => {
    const { control } = await session.operator();
    return printAnswer(session, await control.cancel(id!), renderRemains(id!, session.hint(`jobs delete ${id}`)));
  });

  const rate = jobs.command("rate").description("Change how much all workers of a job together may consume.");
  rate.argument("<id>", "the job", jobId).addHelpText("after", RATE_HELP);
  for (const name of ["readRate", "writeRate"] as const) rate.option(startOptions[name].flag, startOptions[name].help);
  attach<RateFlags>(rate, async (session, [id], flags) => {
    await session.read(() => wantedRates(flags));
    const { job, warnings } = await changeRate(await session.operator(), id!, flags);
    const answer = answerOf(job);
    for (const warning of session.json ? [] : warnings) complain(session.io, `Warning: ${warning}`);
    session.print(toJson(warnings.length === 0 ? answer : { ...answer, warnings }, 2), renderAnswer(answer));
    return 0;
  });

  const remove = jobs.command("delete").description("Delete a job that has ended, with all its records.");
  remove.argument("<id>", "the job", jobId).addHelpText("after", DELETE_HELP);
  remove.option("--with-results", "delete the objects of a completed job too").option("--yes", "do not ask");
  attach<DeleteFlags>(remove, (session, [id], flags) => deleteCommand(session, id!, flags));
}

/** Which driver works on the job, and by which execution or run of which Glue job. */
function driverFields({ job }: Snapshot, glueJob: string | undefined) {
  const { execution } = job;
  const isSparks = job.driver === "spark" && glueJob !== undefined;
  return {
    driver: driverOf(job),
    ...(execution === undefined ? {} : { execution }),
    ...(isSparks ? { glueJob } : {}),
  };
}

/** For a job that changes a table, the fields that programs look for first. */
function writingFigures({ progress: { writing } }: Snapshot) {
  if (writing === undefined) return {};
  const { outcomes, failures, consumed } = writing;
  return { outcomes, failures, consumed };
}

type Control = Awaited<ReturnType<Session["operator"]>>["control"];

async function change(session: Session, verb: (control: Control) => Promise<Job>): Promise<number> {
  const { control } = await session.operator();
  return printAnswer(session, await verb(control));
}

/** `more`: further text. */
function printAnswer(session: Session, job: Job, more = ""): number {
  const answer = answerOf(job);
  session.print(toJson(answer, 2), renderAnswer(answer) + more);
  return 0;
}

async function resumeJob(session: Session, id: string): Promise<number> {
  const operator = await session.operator();
  await operator.control.read(id); // reports an unknown job as the other commands do
  session.ifInterrupted({ message: `Interrupted: job ${id} may have been resumed.` });
  const answer = await startAsOperator(operator, { resume: id });
  if (isRefusal(answer)) throw refused(`Job ${id} was not resumed`, answer);
  for (const warning of session.json ? [] : (answer.warnings ?? [])) complain(session.io, `Warning: ${warning}`);
  session.print(toJson(answer, 2), renderAnswer(answer));
  return 0;
}
