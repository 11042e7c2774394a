/** The promises of the protocol. Those about single steps are in steps.ts. */
import { finalStates, isActive, isExhausted, type Job } from "../../../../shared/jobs/job";
import type { Unit } from "../../../../shared/jobs/unit";
import { OTHER_TABLE, Violation } from "./steps";
import { JOB, jobOf, unitNumbers, WATCH, type World } from "./world";

/** Holds after every step. */
export function checkAlways(world: World): void {
  if (world.tables.job(JOB) === undefined) return;
  const job = jobOf(world);
  checkLedgers(world, job);
  const units = unitNumbers(world).map((unit) => world.tables.unit({ job: JOB, unit }));
  const done = units.filter((unit) => unit?.state === "done").length;
  const failed = units.filter((unit, number) => hasFailed(world, number, unit)).length;
  equal(job.unitsDone, done, "units counted as done");
  equal(job.unitsFailed, failed, "units counted as failed");
  units.forEach((unit, number) => {
    const pages = unit?.counts.pages ?? 0;
    const result = ((unit?.result ?? []) as number[]).map((page) => page % OTHER_TABLE);
    equal(JSON.stringify(result), JSON.stringify(firstPages(pages)), `result of unit ${number}`);
    const again = world.notes.undisturbedReads[number]! - pages;
    const holder = world.notes.holders[number]?.owner;
    const underWay = world.actors.some(({ id, disturbed }) => id === holder && !disturbed) ? 1 : 0;
    if (again > underWay) throw new Violation(`unit ${number}: ${again} pages more read than crashes explain`);
    const repeats = world.notes.undisturbedRepeats[number]!;
    if (repeats > 0) throw new Violation(`unit ${number}: ${repeats} messages more sent again than crashes explain`);
    if (isActive(job) && world.notes.sent >= job.epoch) hasMessage(world, number, unit);
  });
  if (world.scenario.watched && isActive(job) && world.notes.sent < job.epoch) isWatched(world, job);
}

/** Jobs and ledgers change together: what is not active is granted nothing, unless it ended with its last unit. */
function checkLedgers(world: World, job: Job): void {
  const stopped = job.state === "failed" && !isExhausted(job);
  const wanted = stopped || job.state === "paused" || job.state === "cancelled";
  if (isActive(job) || wanted)
    equal(world.tables.isPaused(JOB), wanted, `ledgers paused of a job that is ${job.state}`);
  if (stopped) checkReason(world, job);
}

/** A job has a reason only where something was wrong with all of it. */
function checkReason({ notes, table }: World, { state, reason }: Job): void {
  if (reason === undefined) throw new Violation(`the job is ${state} without a reason`);
  if (!notes.fatal && table === 0) throw new Violation(`the job is ${state} because ${reason}`);
}

/** Where units may still have to be dispatched, there is a message that goes on with it. */
function isWatched({ messages }: World, { epoch }: Job): void {
  const found = messages.some(
    ({ unit, turn, visibleAt }) => unit === WATCH && turn <= epoch && visibleAt !== undefined,
  );
  if (!found) throw new Violation(`nothing goes on with the start of epoch ${epoch}`);
}

/** Holds once nothing is left that could happen of itself, and nobody has to resume the job. */
export function checkAtEnd(world: World): void {
  // Who is killed before the job was made has started nothing.
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

/** An unfinished unit has a message that may take it once it is free. */
function hasMessage(world: World, number: number, unit: Unit | undefined): void {
  if (unit?.state === "done" || hasFailed(world, number, unit)) return;
  const found = world.messages.some(
    ({ unit: of, turn, visibleAt }) => of === number && visibleAt !== undefined && !isStale(turn, unit),
  );
  if (!found) throw new Violation(`unit ${number} is ${unit?.state ?? "not begun"} and has no message`);
}

function isStale(turn: number, unit: Unit | undefined): boolean {
  if (unit === undefined) return false;
  return unit.state === "failed" ? turn <= unit.turn : turn < unit.turn;
}

/** Failed in this epoch. A unit that failed in an earlier one is to be done again. */
function hasFailed({ notes, ...world }: World, number: number, unit: Unit | undefined): boolean {
  return unit?.state === "failed" && notes.failedIn[number] === jobOf({ notes, ...world }).epoch;
}

function firstPages(pages: number): number[] {
  return Array.from({ length: pages }, (_, page) => page);
}

function equal(got: unknown, wanted: unknown, what: string): void {
  if (got !== wanted) throw new Violation(`${what}: ${got} instead of ${wanted}`);
}
