/**
 * The programs whose interleavings are explored: a worker that handles one delivery of a message, and an operator. They
 * reach the world by calls only, and each call is one atomic step. So what a program does next is a function of the
 * answers it has had, and running the real code anew with the same answers leads to the same point ({@link next}).
 */
import type { Ending } from "../../../../shared/engine/completion";
import { firstTurn, handleUnitMessage, type Stretch, type Work } from "../../../../shared/engine/protocol";
import { isActive, type Job } from "../../../../shared/jobs/job";
import type { JobStore, UnitMessage, UnitQueue, UnitStore } from "../../../../shared/jobs/stores";
import { noCounts } from "../../../../shared/jobs/unit";

export type Method =
  | `units.${keyof UnitStore}`
  | `jobs.${keyof JobStore}`
  | "queue.send"
  | "queue.delete"
  | "readPage"
  | "summarize"
  | "announce"
  | "pause"
  | "cancel"
  | "resume"
  | "unfinished"
  | "started";

export interface Call {
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** How a call ended, and when. `passing`: an error that may be over next time. */
export type Answer = { readonly now: number; readonly passing?: boolean } & (
  | { readonly value: unknown }
  | { readonly error: string }
);

export type Verb = "pause" | "resume" | "cancel";

/** A delivery of a message to a worker. */
export interface WorkerStart {
  readonly worker: string;
  readonly message: UnitMessage;
  /** Names the delivered copy of the message. */
  readonly receipt: string;
  readonly now: number;
  /** When the invocation is stopped. */
  readonly until: number;
  /** Pages of the unit. */
  readonly pages: number;
}

export interface OperatorStart {
  readonly operator: string;
  readonly verbs: readonly Verb[];
  readonly job: string;
  readonly now: number;
}

export type Start = WorkerStart | OperatorStart;

/** What a page says: its number, or why there is none. */
export type PageAnswer = number | "paused" | "deadline";

/** The call a program waits in, or how it ended. */
export type Next = { readonly call: Call } | { readonly ended: unknown } | { readonly failed: string };

type Ask = <T>(method: Method, ...args: unknown[]) => Promise<T>;

/** An error as a service gives it; by `passing` the protocol decides whether to give a unit up sooner. */
class ServiceError extends Error {
  constructor(
    message: string,
    readonly passing: boolean,
  ) {
    super(message);
  }
}

const known = new Map<string, Next>();
const KNOWN_MOST = 200_000;

/** Where a program stands after so many answers. `key` tells programs with the same start and answers. */
export function next(key: string, start: Start, answers: readonly Answer[]): Next | Promise<Next> {
  const found = known.get(key);
  if (found !== undefined) return found;
  return replay(start, answers).then((point) => {
    if (known.size >= KNOWN_MOST) known.clear();
    known.set(key, point);
    return point;
  });
}

/** Runs the program from its start through all answers it had, to the call that has none yet. */
function replay(start: Start, answers: readonly Answer[]): Promise<Next> {
  return new Promise((resolve) => {
    let made = 0;
    let now = start.now;
    const ask: Ask = (method, ...args) => {
      const answer = answers[made++];
      if (answer === undefined) {
        resolve({ call: { method, args } });
        return new Promise(() => {});
      }
      now = answer.now;
      if ("error" in answer) return Promise.reject(new ServiceError(answer.error, answer.passing ?? true));
      return Promise.resolve(answer.value as never);
    };
    const clock = { now: () => now, sleep: () => Promise.reject(new Error("nothing here sleeps")) };
    const run = "worker" in start ? runWorker(start, ask, clock) : runOperator(start, ask);
    run.then(
      (ended) => resolve({ ended }),
      (error) => resolve({ failed: String(error) }),
    );
  });
}

type Clock = Parameters<typeof handleUnitMessage>[1]["clock"];

async function runWorker(start: WorkerStart, ask: Ask, clock: Clock) {
  const handled = await handleUnitMessage(start.message, {
    ...services(ask),
    clock,
    owner: start.worker,
    leaseUntil: start.until,
    work: work(ask, start.pages),
    isTransient: (error) => !(error instanceof ServiceError) || error.passing,
  });
  await ask("queue.delete", start.receipt);
  return handled;
}

/** Page after page, the result being the list of the pages. */
function work(ask: Ask, pages: number): Work {
  return async (_job, unit, save): Promise<Stretch> => {
    let result = (unit.result ?? []) as number[];
    for (;;) {
      const page = await ask<PageAnswer>("readPage", unit.number, result.length);
      if (typeof page === "string") return { end: "stopped", paused: page === "paused" };
      result = [...result, page];
      const counts = { ...noCounts, pages: result.length };
      const checkpoint = { cursor: { page: { N: String(page) } }, counts, result, rcuPerSecond: 0 };
      if (result.length === pages) return { end: "exhausted", checkpoint: { ...checkpoint, cursor: undefined } };
      await save(checkpoint);
    }
  };
}

/** Does as control.ts says: whoever resumes a job sends its messages, one at least, and then calls it started. */
async function runOperator({ verbs, job }: OperatorStart, ask: Ask) {
  const { queue } = services(ask);
  for (const verb of verbs) {
    const changed = await ask<Job | undefined>(verb);
    if (changed === undefined) return "refused";
    if (verb !== "resume" || !isActive(changed)) continue;
    const unfinished = await ask<number[]>("unfinished");
    for (const unit of unfinished.length > 0 ? unfinished : [0]) {
      await queue.send([{ job, unit, turn: firstTurn(changed.epoch) }]);
    }
    await ask("started", changed.epoch);
  }
  return "done";
}

function services(ask: Ask): { units: UnitStore; jobs: JobStore; queue: UnitQueue; ending: Ending } {
  return {
    units: {
      take: (request) => ask("units.take", request),
      save: (...args) => ask("units.save", ...args),
      release: (...args) => ask("units.release", ...args),
      finish: (...args) => ask("units.finish", ...args),
      fail: (...args) => ask("units.fail", ...args),
    },
    jobs: {
      read: (job) => ask("jobs.read", job),
      end: (...args) => ask("jobs.end", ...args),
      announced: (...args) => ask("jobs.announced", ...args),
    },
    queue: { send: (messages) => ask("queue.send", messages) },
    ending: { isTransient: () => true, summarize: () => ask("summarize"), announce: (job) => ask("announce", job) },
  };
}
