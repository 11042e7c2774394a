/** The promises of the protocol. The promises about single steps are in steps.ts. */
import { finalStates, isActive, type Job } from "../../../../shared/jobs/job";
import { isExecuting } from "./execution";
import { WATCH } from "./message";
import { OTHER_TABLE, Violation } from "./steps";
import { JOB, jobOf, unitNumbers, type World } from "./world";

/** Holds after every step. */
export function checkAlways(world: World): void {
  if (world.tables.job(JOB) === undefined) return;
  const job = jobOf(world);
  checkLedgers(world, job);
  const units = unitNumbers(world).map((unit) => world.tables.unit({ job: JOB, unit }));
  units.forEach((unit, number) => {
    const pages = unit?.counts.pages ?? 0;
    const result = ((unit?.result ?? []) as number[]).map((page) => page % OTHER_TABLE);
    equal(JSON.stringify(result), JSON.stringify(firstPages(pages)), `result of unit ${number}`);
    const again = world.notes.undisturbedReads[number]! - pages;
    const holder = world.notes.holders[number]?.owner;
    const underWay = world.actors.some(({ id }) => id === holder) ? 1 : 0;
    if (again > underWay) throw new Violation(`unit ${number}: ${again} pages more read than crashes explain`);
    const repeats = world.notes.undisturbedRepeats[number]!;
    if (repeats > 0) throw new Violation(`chain ${number}: ${repeats} messages more sent again than crashes explain`);
  });
  if (world.scenario.workflow) checkCounts(world, job);
  if (isActive(job) && world.notes.sent >= job.epoch) {
    if (!world.scenario.workflow) hasMessage(world);
    else if (!isExecuting(world.messages, job.epoch))
      throw new Violation("the job is active and nothing goes on with it");
  }
  if (world.scenario.watched && isActive(job) && world.notes.sent < job.epoch) isWatched(world, job);
}

/** Jobs and ledgers change together: a job that is not active is granted nothing, unless it ended with its last unit. */
function checkLedgers(world: World, job: Job): void {
  const stopped = job.state === "failed" && job.unitsDone + job.unitsFailed < job.units;
  const wanted = stopped || job.state === "paused" || job.state === "cancelled";
  if (isActive(job) || wanted)
    equal(world.tables.isPaused(JOB), wanted, `ledgers paused of a job that is ${job.state}`);
  if (stopped) checkReason(world, job);
}

/** Numbers are counted after they end, each at most once. */
function checkCounts({ tables, notes }: World, { unitsDone, unitsFailed, epoch }: Job): void {
  const done = tables.unitsOf(JOB).filter(({ state }) => state === "done").length;
  const failed = notes.failedIn.filter((failedIn) => failedIn === epoch).length;
  if (unitsDone > done) throw new Violation(`${unitsDone} units count as done instead of ${done}`);
  if (unitsFailed > failed) throw new Violation(`${unitsFailed} units count as failed instead of ${failed}`);
}

/** A job has a reason only if something was wrong with the job as a whole. */
function checkReason({ notes, table }: World, { state, reason }: Job): void {
  if (reason === undefined) throw new Violation(`the job is ${state} without a reason`);
  if (!notes.fatal && table === 0) throw new Violation(`the job is ${state} because ${reason}`);
}

/** If units may still have to be dispatched, there is a message that goes on with the dispatch. */
function isWatched({ messages }: World, { epoch }: Job): void {
  const found = messages.some(
    ({ chain, turn, visibleAt }) => chain === WATCH && turn <= epoch && visibleAt !== undefined,
  );
  if (!found) throw new Violation(`nothing goes on with the start of epoch ${epoch}`);
}

/** Holds once nothing more can happen by itself, and nobody has to resume the job. */
export function checkAtEnd(world: World): void {
  // An operator who is killed before the job is made has started nothing.
  if (world.tables.job(JOB) === undefined) return;
  const job = jobOf(world);
  // A paused job whose table is another one cannot be resumed; it can be cancelled.
  if (job.state === "paused" && world.table > 0) return;
  if (!finalStates.includes(job.state)) throw new Violation(`the job stays ${job.state} for ever`);
  if (job.state === "cancelled") return;
  if (job.reason === undefined) {
    equal(job.unitsDone + job.unitsFailed, job.units, "units that have ended");
    equal(job.state, job.unitsFailed > 0 ? "failed" : "completed", "state of the job");
  } else {
    equal(job.state, "failed", "state of a job with a reason");
    checkReason(world, job);
  }
  const whole = unitNumbers(world).map(() => firstPages(world.scenario.pages));
  if (job.state === "completed") equal(JSON.stringify(job.result), JSON.stringify(whole), "result of the job");
  if (!world.notes.told.includes(`${job.state}@${job.epoch}`)) throw new Violation("the job's end was not announced");
  if (job.announced !== true) throw new Violation("the job's end is not noted as announced");
}

/** A job that is active has a message that may take its chain once that is free. */
function hasMessage({ messages, tables }: World): void {
  const found = messages.some(({ chain, turn, visibleAt }) => {
    return chain !== WATCH && visibleAt !== undefined && turn >= (tables.chain(JOB, chain)?.turn ?? 0);
  });
  if (!found) throw new Violation("the job is active and has no message");
}

function firstPages(pages: number): number[] {
  return Array.from({ length: pages }, (_, page) => page);
}

function equal(got: unknown, wanted: unknown, what: string): void {
  if (got !== wanted) throw new Violation(`${what}: ${got} instead of ${wanted}`);
}
