/** The promises of the protocol. Those about single steps are in steps.ts. */
import { finalStates, isActive } from "../../../../shared/jobs/job";
import type { Unit } from "../../../../shared/jobs/unit";
import { Violation } from "./steps";
import { JOB, jobOf, unitNumbers, type World } from "./world";

/** Holds after every step. */
export function checkAlways(world: World): void {
  const job = jobOf(world);
  const units = unitNumbers(world).map((unit) => world.tables.unit({ job: JOB, unit }));
  const done = units.filter((unit) => unit?.state === "done").length;
  const failed = units.filter((unit, number) => hasFailed(world, number, unit)).length;
  equal(job.unitsDone, done, "units counted as done");
  equal(job.unitsFailed, failed, "units counted as failed");
  units.forEach((unit, number) => {
    const pages = unit?.counts.pages ?? 0;
    equal(JSON.stringify(unit?.result ?? []), JSON.stringify(firstPages(pages)), `result of unit ${number}`);
    const again = world.notes.undisturbedReads[number]! - pages;
    const holder = world.notes.holders[number]?.owner;
    const underWay = world.actors.some(({ id, disturbed }) => id === holder && !disturbed) ? 1 : 0;
    if (again > underWay) throw new Violation(`unit ${number}: ${again} pages more read than crashes explain`);
    const repeats = world.notes.undisturbedRepeats[number]!;
    if (repeats > 0) throw new Violation(`unit ${number}: ${repeats} messages more sent again than crashes explain`);
    if (isActive(job) && world.notes.sent >= job.epoch) hasMessage(world, number, unit);
  });
}

/** Holds once nothing is left that could happen of itself, and nobody has to resume the job. */
export function checkAtEnd(world: World): void {
  const job = jobOf(world);
  if (!finalStates.includes(job.state)) throw new Violation(`the job stays ${job.state} for ever`);
  if (job.state === "cancelled") return;
  equal(job.unitsDone + job.unitsFailed, job.units, "units that have ended");
  equal(job.state, job.unitsFailed > 0 ? "failed" : "completed", "state of the job");
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
