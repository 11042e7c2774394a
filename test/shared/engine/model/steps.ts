/** The effect of a call on the world, and what the observer sees. */

import type { ChainTurn } from "../../../../shared/drivers/driver";
import { mayRetire } from "../../../../shared/engine/protocol";
import { firstTurn } from "../../../../shared/engine/turns";
import { MOST_ATTEMPTS, MOST_LASTING_ATTEMPTS } from "../../../../shared/engine/unitWork";
import { isActive, type Job, type JobState } from "../../../../shared/jobs/job";
import type {
  ChainLease,
  ChainTakeRequest,
  Checkpoint,
  GiveUp,
  JobEnd,
  Lease,
  PutDown,
  TakeRequest,
} from "../../../../shared/jobs/stores";
import type { Unit } from "../../../../shared/jobs/unit";
import type { MemoryTables } from "../../../support/memoryStores";
import { answerTask, startExecution, type TaskAnswer } from "./execution";
import { idOf, type Message, WATCH } from "./message";
import type { Call, Method } from "./programs";
import { type Actor, JOB, jobOf, type Notes, newJob, unitNumbers, VISIBILITY, type World } from "./world";

/** A promise of the protocol that does not hold. */
export class Violation extends Error {}

type Draft = { -readonly [Field in keyof World]: World[Field] } & { asking?: Actor };
// biome-ignore lint/suspicious/noExplicitAny: the arguments of whatever method it is
type Step = (world: Draft, ...args: any[]) => unknown;

/** Methods that change nothing, so it makes no difference at which moment a call of them failed. */
export const reads: readonly Method[] = [
  ...(["jobs.read", "jobs.head", "units.read", "units.list", "chains.read"] as const),
  ...(["crew", "summarize", "identify"] as const),
];

/** Does what the call asks for. The answer is `undefined` if an operator is refused. */
export function perform(world: World, { method, args }: Call, asking: Actor): { world: World; value: unknown } {
  const draft: Draft = { ...world, asking, tables: world.tables.copy() };
  const value = steps[method](draft, ...args);
  const { asking: _, ...after } = draft;
  return { world: after, value };
}

const steps: Record<Method, Step> = {
  "jobs.read": (world) => world.tables.job(JOB),
  "jobs.end": (world, seen: Job, end: JobEnd) => {
    const before = jobOf(world);
    const done = world.tables.end(seen, end, world.now);
    const { done: ended, failed } = endedUnits(world, before);
    if (done && !(isActive(before) && ended + failed === before.units)) {
      throw new Violation(`the job was ended while ${before.state} with ${ended} units done, ${failed} failed`);
    }
    if (done && (end.unitsDone !== ended || end.unitsFailed !== failed)) {
      throw new Violation(`the job was ended with ${end.unitsDone} units done and ${end.unitsFailed} failed`);
    }
    return done;
  },
  "jobs.head": (world) => world.tables.job(JOB),
  "jobs.claim": ({ tables }, ...args: Parameters<MemoryTables["claim"]>) => tables.claim(...args),
  "jobs.ended": ({ tables }, ...args: Parameters<MemoryTables["ended"]>) => tables.ended(...args),
  "jobs.setChains": ({ tables }, ...args: Parameters<MemoryTables["setChains"]>) => tables.setChains(...args),
  "chains.take": takeChain,
  "chains.release": (world, lease: ChainLease, turn: number) => {
    const done = world.tables.releaseChain(lease, turn);
    if (done) noteChain(world, lease.chain, undefined);
    return done;
  },
  "chains.read": ({ tables }, ...args: Parameters<MemoryTables["chain"]>) => tables.chain(...args),
  crew: (world) => (mayRetire(world.asking!.chain!, jobOf(world)) ? "retire" : "go on"),
  "jobs.stop": (world, seen: Job, reason: string, now: number) => {
    const before = jobOf(world);
    const done = world.tables.stop(seen, reason, now);
    if (done && !isActive(before)) throw new Violation(`a job that was ${before.state} was stopped`);
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
  "units.note": (world, ...args: Parameters<MemoryTables["note"]>) => world.tables.note(...args),
  "units.release": (world, lease: Lease, how: PutDown) => {
    const before = world.tables.unit(lease);
    const done = world.tables.release(lease, how);
    if (!done) return false;
    countsAttempts(world, lease, before!, how);
    putDown(world, lease);
    return true;
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
  "units.fail": (world, lease: Lease, how: GiveUp) => {
    const before = world.tables.unit(lease);
    const done = world.tables.fail(lease, how);
    if (!done) return false;
    mayGiveUp(world, lease, before!);
    putDown(world, lease);
    note(world, "failedIn", lease.unit, jobOf(world).epoch);
    return true;
  },
  "units.read": ({ tables }, job: string, unit: number) => tables.unit({ job, unit }),
  "units.list": ({ tables }, job: string) => tables.unitsOf(job),
  dispatch: (world, messages: readonly ChainTurn[], delaySeconds = 0) => {
    if (world.scenario.workflow) {
      const epoch = messages[0]!.turn / firstTurn(1);
      world.messages = startExecution(world.messages, epoch, world.now);
      return;
    }
    for (const { chain, turn, unit } of messages) {
      const repeated = world.messages.some((each) => each.chain === chain && each.turn === turn);
      // Two invocations of the start function, or two workers that add a chain, don't know what the other one has done.
      const other = turn === firstTurn(jobOf(world).epoch) || world.asking?.chain !== chain;
      if (repeated && !other) noteRepeat(world, chain, 1);
      // A chain's holder that is about to retire doesn't know who begins the chain again. If it goes on after all, it sends the
      // same.
      if (!repeated && other && world.notes.chainHolders[chain] !== undefined) noteRepeat(world, chain, -1);
      world.messages = withMessage(world.messages, { chain, turn, unit }, world.now + 1_000 * delaySeconds);
    }
  },
  delete: (world, receipt: string) => {
    world.messages = world.messages.map((each) => (each.id === receipt ? { ...each, visibleAt: undefined } : each));
  },
  // If a worker outlasts its time, the state machine has given its task up.
  answer: (world, receipt: string, answer: TaskAnswer) => {
    if (world.asking!.late) return;
    const execution = { units: world.scenario.units, now: world.now };
    world.messages = answerTask(world.messages, receipt, answer, execution);
  },
  readPage: (world, unit: number, page: number) => {
    noteRead(world, unit);
    return page + world.table * OTHER_TABLE;
  },
  identify: ({ table }) => table,
  summarize: (world) => unitNumbers(world).map((unit) => world.tables.unit({ job: JOB, unit })?.result),
  announce: (world, { state, epoch }: Job) => {
    const told = new Set([...world.notes.told, `${state}@${epoch}`]);
    world.notes = { ...world.notes, told: [...told].sort() };
  },
  // The same order as in control.ts.
  start: (world) => {
    if (world.tables.job(JOB) !== undefined) return jobOf(world).state === "starting" ? jobOf(world) : undefined;
    const job = newJob(world.scenario, "starting");
    world.tables.putJob(job);
    return job;
  },
  pause: (world) => operate(world, ["starting", "running"], { state: "paused" }, true),
  cancel: (world) => operate(world, ["starting", "running", "paused", "failed"], { state: "cancelled" }, true),
  resume: (world) => {
    const epoch = (world.tables.job(JOB)?.epoch ?? 0) + 1;
    const reset = { state: "starting", unitsFailed: 0, chains: world.scenario.chains ?? 1, epoch } as const;
    const ended = { endedAt: undefined, announced: undefined, reason: undefined };
    return operate(world, ["paused", "starting", "running", "failed"], { ...reset, ...ended }, false);
  },
  watch: (world, epoch: number, delayed: boolean) => {
    world.messages = withMessage(
      world.messages,
      { chain: WATCH, turn: epoch, unit: undefined },
      world.now + (delayed ? VISIBILITY : 0),
    );
  },
  started: (world, epoch: number) => whileStarting(world, epoch, { state: "running" }),
};

/** Whether the unit has ended, by the observer's notes. A unit that failed in an earlier epoch has not. */
function endedUnits({ tables, notes }: Draft, { epoch }: Job): { done: number; failed: number } {
  const states = notes.failedIn.map((failedIn, unit) => {
    const state = tables.unit({ job: JOB, unit })?.state;
    return state === "failed" && failedIn !== epoch ? undefined : state;
  });
  const count = (wanted: string) => states.filter((state) => state === wanted).length;
  return { done: count("done"), failed: count("failed") };
}

/** Pages of a table that was made anew have numbers from here on. */
export const OTHER_TABLE = 1_000;

function whileStarting(world: Draft, epoch: number, change: Partial<Job>): boolean {
  const job = jobOf(world);
  if (job.state !== "starting" || job.epoch !== epoch) return false;
  world.tables.changeJob(JOB, change);
  return true;
}

/** An attempt that ended in good order is given back. Every other attempt counts, and leaves its reason. */
function countsAttempts(world: Draft, lease: Lease, before: Unit, { attempts, failure }: PutDown): void {
  const worker = world.actors.find(({ id }) => id === lease.owner);
  // If the answer to a checkpoint was lost, the worker does not know that the count began anew.
  if (worker === undefined || (worker.disturbed && before.attempts === 0)) return;
  const good = inGoodOrder(worker, before);
  const counted = good ? Math.max(0, before.attempts - 1) : Math.max(1, before.attempts);
  if (attempts !== counted) throw new Violation(`${lease.owner} left ${attempts} attempts instead of ${counted}`);
  if (good !== (failure === undefined)) throw new Violation(`${lease.owner} left ${failure?.reason} as its reason`);
  if (!good && before.attempts >= mostAttempts(worker)) throw new Violation(`${lease.owner} did not give up`);
}

function inGoodOrder({ stretch, taken }: Actor, { attempts }: Unit): boolean {
  // A unit that is not the turn's first may find no time left. A unit without attempts has made progress since it was taken.
  return stretch === "good order" || (stretch === "time over" && (taken > 1 || attempts === 0));
}

function mayGiveUp(world: Draft, { owner }: Lease, { attempts }: Unit): void {
  const worker = world.actors.find(({ id }) => id === owner);
  if (worker === undefined || worker.stretch === "good order" || attempts < mostAttempts(worker)) {
    throw new Violation(`${owner} gave up after ${attempts} attempts`);
  }
}

function mostAttempts({ stretch }: Actor): number {
  return stretch === "lasting error" ? MOST_LASTING_ATTEMPTS : MOST_ATTEMPTS;
}

function take(world: Draft, request: TakeRequest) {
  const holder = world.notes.holders[request.unit];
  const answer = world.tables.take(request);
  if (!answer.taken) return answer;
  const taker = world.actors.find(({ id }) => id === request.owner)!;
  if (request.until < taker.until) throw new Violation(`${taker.id} may outlast its lease`);
  if (holder !== undefined && holder.until >= request.now) {
    throw new Violation(`${request.owner} took unit ${request.unit} while ${holder.owner} held it`);
  }
  const overtaken = world.actors.find(({ id }) => id === holder?.owner);
  if (overtaken !== undefined && overtaken.id !== request.owner) {
    world.actors = world.actors.map((each) => (each === overtaken ? { ...each, disturbed: true } : each));
    noteDisturbance(world, overtaken);
  }
  note(world, "holders", request.unit, { owner: request.owner, until: request.until });
  return answer;
}

function takeChain(world: Draft, request: ChainTakeRequest) {
  const holder = world.notes.chainHolders[request.chain];
  const answer = world.tables.takeChain(request);
  if (!answer.taken) return answer;
  const taker = world.actors.find(({ id }) => id === request.owner)!;
  if (request.until < taker.until) throw new Violation(`${taker.id} may outlast its lease`);
  if (holder !== undefined && holder.owner !== request.owner && holder.until >= request.now) {
    throw new Violation(`${request.owner} took chain ${request.chain} while ${holder.owner} held it`);
  }
  noteChain(world, request.chain, { owner: request.owner, until: request.until });
  return answer;
}

function noteChain(world: Draft, chain: number, holder: Notes["chainHolders"][number]): void {
  const chainHolders = [...world.notes.chainHolders];
  chainHolders[chain] = holder;
  world.notes = { ...world.notes, chainHolders };
}

/** Every checkpoint is one page ahead of the last, and is written by the holder of the unit. */
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
  noteMore(world, unit, 1);
}

/** Each disturbance of a worker allows one more read of a page of the unit it holds, and one more message of its chain. */
export function noteDisturbance(world: Draft, { id, chain }: Actor): void {
  for (const unit of unitNumbers(world)) if (world.notes.holders[unit]?.owner === id) noteMore(world, unit, -1);
  if (chain !== undefined) noteRepeat(world, chain, -1);
}

function noteRepeat(world: Draft, chain: number, more: number): void {
  if (!(chain in world.notes.undisturbedRepeats)) return;
  const undisturbedRepeats = [...world.notes.undisturbedRepeats];
  undisturbedRepeats[chain] = undisturbedRepeats[chain]! + more;
  world.notes = { ...world.notes, undisturbedRepeats };
}

function noteMore(world: Draft, unit: number, more: number): void {
  note(world, "undisturbedReads", unit, world.notes.undisturbedReads[unit]! + more);
}

type Noted = "holders" | "undisturbedReads" | "failedIn";

function note<List extends Noted>(world: Draft, list: List, unit: number, value: Notes[List][number]): void {
  const values = [...world.notes[list]];
  values[unit] = value;
  world.notes = { ...world.notes, [list]: values };
}

function operate(world: Draft, from: readonly JobState[], change: Partial<Job> | object, ledgerPaused: boolean) {
  const job = world.tables.job(JOB);
  if (job === undefined || !from.includes(job.state)) return undefined;
  world.tables.changeJob(JOB, change);
  world.tables.pauseLedgers(JOB, ledgerPaused);
  return jobOf(world);
}

export function withMessage(
  messages: readonly Message[],
  { chain, turn, unit }: Pick<Message, "chain" | "turn" | "unit">,
  now: number,
): Message[] {
  const copies = messages.filter((each) => each.chain === chain && each.turn === turn).length;
  return [...messages, { id: idOf(chain, turn, copies), chain, turn, unit, visibleAt: now }];
}
