/** What a call does to the world, and what the observer sees in it. */
import { isActive, isExhausted, type Job, type JobState } from "../../../../shared/jobs/job";
import type { Checkpoint, JobEnd, Lease, TakeRequest, UnitMessage } from "../../../../shared/jobs/stores";
import type { Unit } from "../../../../shared/jobs/unit";
import type { MemoryTables } from "../../../support/memoryStores";
import type { Call, Method } from "./programs";
import { JOB, jobOf, type Message, type Notes, unitNumbers, type World } from "./world";

/** A promise of the protocol that does not hold. */
export class Violation extends Error {}

type Draft = { -readonly [Field in keyof World]: World[Field] };
// biome-ignore lint/suspicious/noExplicitAny: the arguments of whatever method it is
type Step = (world: Draft, ...args: any[]) => unknown;

/** Methods that change nothing, so that it makes no difference when a failed one failed. */
export const reads: readonly Method[] = ["jobs.read", "unfinished", "summarize"];

/** Does what the call asks for. The answer is `undefined` where an operator is refused. */
export function perform(world: World, { method, args }: Call): { world: World; value: unknown } {
  const draft: Draft = { ...world, tables: world.tables.copy() };
  const value = steps[method](draft, ...args);
  return { world: draft, value };
}

const steps: Record<Method, Step> = {
  "jobs.read": (world) => jobOf(world),
  "jobs.end": (world, seen: Job, end: JobEnd) => {
    const before = jobOf(world);
    const done = world.tables.end(seen, end, world.now);
    if (done && !(isActive(before) && isExhausted(before))) {
      throw new Violation(`the job was ended while ${before.state} with ${before.unitsDone} units done`);
    }
    return done;
  },
  "jobs.announced": ({ tables }, ...args: Parameters<MemoryTables["announced"]>) => tables.announced(...args),
  "units.take": take,
  "units.save": (world, lease: Lease, checkpoint: Checkpoint, now: number) => {
    const before = world.tables.unit(lease);
    const done = world.tables.save(lease, checkpoint, now);
    if (done) advances(world, lease, before, checkpoint.counts.pages);
    return done;
  },
  "units.release": (world, ...args: Parameters<MemoryTables["release"]>) => {
    const done = world.tables.release(...args);
    if (done) putDown(world, args[0]);
    return done;
  },
  "units.finish": (world, lease: Lease, checkpoint: Checkpoint, now: number) => {
    const before = world.tables.unit(lease);
    const done = world.tables.finish(lease, checkpoint, now);
    if (!done) return false;
    advances(world, lease, before, checkpoint.counts.pages);
    if (checkpoint.counts.pages !== world.scenario.pages) throw new Violation("a unit is done before its last page");
    putDown(world, lease);
    return true;
  },
  "units.fail": (world, ...args: Parameters<MemoryTables["fail"]>) => {
    const done = world.tables.fail(...args);
    if (!done) return false;
    putDown(world, args[0]);
    note(world, "failedIn", args[0].unit, jobOf(world).epoch);
    return true;
  },
  "queue.send": (world, messages: readonly UnitMessage[]) => {
    for (const { unit, turn } of messages) {
      const repeated = world.messages.some((each) => each.unit === unit && each.turn === turn);
      if (repeated) noteMore(world, "undisturbedRepeats", unit, 1);
      world.messages = withMessage(world.messages, unit, turn, world.now);
    }
  },
  "queue.delete": (world, receipt: string) => {
    world.messages = world.messages.map((each) => (each.id === receipt ? { ...each, visibleAt: undefined } : each));
  },
  readPage: (world, unit: number, page: number) => {
    noteRead(world, unit);
    return page;
  },
  summarize: (world) => unitNumbers(world).map((unit) => world.tables.unit({ job: JOB, unit })?.result),
  announce: (world, { state, epoch }: Job) => {
    const told = new Set([...world.notes.told, `${state}@${epoch}`]);
    world.notes = { ...world.notes, told: [...told].sort() };
  },
  // As control.ts has it.
  pause: (world) => operate(world, ["starting", "running"], { state: "paused" }, true),
  cancel: (world) => operate(world, ["starting", "running", "paused", "failed"], { state: "cancelled" }, true),
  resume: (world) => {
    const epoch = jobOf(world).epoch + 1;
    const reset = { state: "starting", unitsFailed: 0, endedAt: undefined, announced: undefined, epoch } as const;
    return operate(world, ["paused", "starting", "running", "failed"], reset, false);
  },
  unfinished: (world) => unitNumbers(world).filter((unit) => world.tables.unit({ job: JOB, unit })?.state !== "done"),
  started: (world, epoch: number) => {
    const job = jobOf(world);
    if (job.state === "starting" && job.epoch === epoch) world.tables.changeJob(JOB, { state: "running" });
  },
};

function take(world: Draft, request: TakeRequest) {
  const holder = world.notes.holders[request.unit];
  const answer = world.tables.take(request);
  if (!answer.taken) return answer;
  const taker = world.actors.find(({ id }) => id === request.owner)!;
  if (request.until < taker.until) throw new Violation(`${taker.id} may outlast its lease`);
  if (holder !== undefined && holder.until >= request.now) {
    throw new Violation(`${request.owner} took unit ${request.unit} while ${holder.owner} held it`);
  }
  const overtaken = world.actors.find(({ id, disturbed }) => id === holder?.owner && !disturbed);
  if (overtaken !== undefined && overtaken.id !== request.owner) {
    world.actors = world.actors.map((each) => (each === overtaken ? { ...each, disturbed: true } : each));
    noteDisturbance(world, request.unit);
  }
  note(world, "holders", request.unit, { owner: request.owner, until: request.until });
  return answer;
}

/** Every checkpoint is one page ahead of the last, and written by the one who holds the unit. */
function advances(world: Draft, lease: Lease, before: Unit | undefined, pages: number): void {
  holds(world, lease);
  const from = before?.counts.pages ?? 0;
  if (pages !== from + 1)
    throw new Violation(`the checkpoint of unit ${lease.unit} went from page ${from} to ${pages}`);
}

function putDown(world: Draft, lease: Lease): void {
  holds(world, lease);
  note(world, "holders", lease.unit, undefined);
}

function holds(world: Draft, { unit, owner }: Lease): void {
  const holder = world.notes.holders[unit]?.owner;
  if (holder !== owner) throw new Violation(`${owner} wrote to unit ${unit}, which ${holder ?? "nobody"} holds`);
}

export function noteRead(world: Draft, unit: number): void {
  noteMore(world, "undisturbedReads", unit, 1);
}

/** Each disturbance of a unit's holder allows one more page read and one more message sent. */
export function noteDisturbance(world: Draft, unit: number): void {
  noteMore(world, "undisturbedReads", unit, -1);
  noteMore(world, "undisturbedRepeats", unit, -1);
}

function noteMore(world: Draft, list: "undisturbedReads" | "undisturbedRepeats", unit: number, more: number): void {
  note(world, list, unit, world.notes[list][unit]! + more);
}

type Noted = "holders" | "undisturbedReads" | "undisturbedRepeats" | "failedIn";

function note<List extends Noted>(world: Draft, list: List, unit: number, value: Notes[List][number]): void {
  const values = [...world.notes[list]];
  values[unit] = value;
  world.notes = { ...world.notes, [list]: values };
}

function operate(world: Draft, from: readonly JobState[], change: Partial<Job> | object, ledgerPaused: boolean) {
  if (!from.includes(jobOf(world).state)) return undefined;
  world.tables.changeJob(JOB, change);
  world.ledgerPaused = ledgerPaused;
  return jobOf(world);
}

export function withMessage(messages: readonly Message[], unit: number, turn: number, now: number): Message[] {
  const copies = messages.filter((each) => each.unit === unit && each.turn === turn).length;
  const id = `u${unit}t${turn}${"'".repeat(copies)}`;
  return [...messages, { id, unit, turn, visibleAt: now }];
}
