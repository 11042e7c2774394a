/**
 * The programs whose interleavings are explored: a worker that handles one delivery of a message, an operator with the
 * invocations of the start function that carry out what he wants, and one that goes on with a start. They reach the world by calls only, and each call is one atomic step. So what a program does next is a function of the
 * answers it has had, and running the real code anew with the same answers leads to the same point ({@link next}).
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dispatchUnits } from "../../../../services/jobs/dispatchUnits";
import type { Driver, UnitTurn } from "../../../../shared/drivers/driver";
import type { Ending } from "../../../../shared/engine/completion";
import { handleUnitTurn, type Stretch, type Work } from "../../../../shared/engine/protocol";
import type { JobControl } from "../../../../shared/jobs/control";
import { isActive, type Job } from "../../../../shared/jobs/job";
import type { JobStore, UnitStore } from "../../../../shared/jobs/stores";
import { noCounts } from "../../../../shared/jobs/unit";

export type Method =
  | `units.${keyof UnitStore}`
  | `jobs.${keyof JobStore}`
  | "dispatch"
  | "delete"
  | "identify"
  | "readPage"
  | "summarize"
  | "announce"
  | "start"
  | "pause"
  | "cancel"
  | "resume"
  | "done"
  | "watch"
  | "dispatched"
  | "started";

export interface Call {
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** How a call ended, and when. `passing`: an error that may be over next time. `fatal`: one that no unit gets past. */
export type Answer = { readonly now: number; readonly passing?: boolean; readonly fatal?: boolean } & (
  | { readonly value: unknown }
  | { readonly error: string }
);

export type Verb = "start" | "pause" | "resume" | "cancel";

/** A delivery of a message to a worker. */
export interface WorkerStart {
  readonly worker: string;
  readonly message: UnitTurn;
  /** Names the delivered copy of the message. */
  readonly receipt: string;
  readonly now: number;
  /** When the invocation is stopped. */
  readonly until: number;
  /** Pages of the unit. */
  readonly pages: number;
  /** Whether the table can become another one. */
  readonly changing: boolean;
}

/** How the start function dispatches. */
export interface Dispatching {
  /** Units between two notes of how many are dispatched. */
  readonly portion: number;
  /** For so many portions an invocation has time. */
  readonly portions: number;
}

export interface OperatorStart {
  readonly operator: string;
  readonly verbs: readonly Verb[];
  readonly job: string;
  readonly now: number;
  readonly dispatching: Dispatching;
  /** Whether the start function sends a message that goes on with the job where its invocation is killed. */
  readonly watched: boolean;
  readonly changing: boolean;
}

/** A delivery of a message that goes on with a start. */
export interface StarterStart {
  readonly starter: string;
  readonly job: string;
  readonly epoch: number;
  readonly receipt: string;
  readonly now: number;
  readonly dispatching: Dispatching;
}

export type Start = WorkerStart | OperatorStart | StarterStart;

/**
 * What a page says: its number, or why there is none. `waits`: the limiter lets none through in the time that is left;
 * `over`: the time is over.
 */
export type PageAnswer = number | "paused" | "waits" | "over";

/** The call a program waits in, or how it ended. */
export type Next = { readonly call: Call } | { readonly ended: unknown } | { readonly failed: string };

type Ask = <T>(method: Method, ...args: unknown[]) => Promise<T>;

/** An error as a service gives it; the protocol decides by `passing` whether to give a unit up sooner. */
class ServiceError extends Error {
  constructor(
    message: string,
    readonly passing: boolean,
    readonly fatal: boolean,
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
      if ("error" in answer)
        return Promise.reject(new ServiceError(answer.error, answer.passing ?? true, answer.fatal ?? false));
      return Promise.resolve(answer.value as never);
    };
    const clock = { now: () => now, sleep: () => Promise.reject(new Error("nothing here sleeps")) };
    runs(start, ask, clock).then(
      (ended) => resolve({ ended }),
      (error) => resolve({ failed: String(error) }),
    );
  });
}

type Clock = Parameters<typeof handleUnitTurn>[1]["clock"];

function runs(start: Start, ask: Ask, clock: Clock): Promise<unknown> {
  if ("worker" in start) return runWorker(start, ask, clock);
  return "starter" in start ? runStarter(start, ask) : runOperator(start, ask);
}

async function runWorker(start: WorkerStart, ask: Ask, clock: Clock) {
  const handled = await handleUnitTurn(start.message, {
    ...services(ask, start),
    clock,
    owner: start.worker,
    leaseUntil: start.until,
    work: work(ask, start.pages),
    isTransient: (error) => !(error instanceof ServiceError) || error.passing,
    verdict: (error) => (error instanceof ServiceError && error.fatal ? error.message : undefined),
    backoffMs: () => 0,
  });
  await ask("delete", start.receipt);
  return handled;
}

/** Page after page, the result being the list of the pages. */
function work(ask: Ask, pages: number): Work {
  return async (_job, unit, { save }): Promise<Stretch> => {
    let result = (unit.result ?? []) as number[];
    let progressed = false;
    for (;;) {
      const page = await ask<PageAnswer>("readPage", unit.number, result.length);
      if (page === "paused") return { end: "paused" };
      if (typeof page === "string") return { end: "stopped", progressed, waited: page === "waits" };
      result = [...result, page];
      const counts = { ...noCounts, pages: result.length };
      const checkpoint = { cursor: { page }, counts, result, rcuPerSecond: 0 };
      if (result.length === pages) return { end: "exhausted", checkpoint: { ...checkpoint, cursor: undefined } };
      await save(checkpoint);
      progressed = true;
    }
  };
}

/** Does as services/jobs/startJob.ts: whoever starts or resumes a job dispatches its units, one at least. */
async function runOperator({ verbs, job: id, watched, changing, dispatching }: OperatorStart, ask: Ask) {
  for (const verb of verbs) {
    if (verb === "pause" || verb === "cancel") {
      if ((await ask<Job | undefined>(verb)) === undefined) return "refused";
      continue;
    }
    if (verb === "resume" && changing && (await ask<number>("identify")) !== 0) return "refused";
    if (watched) await ask("watch", verb === "start" ? 0 : (await ask<Job>("jobs.read", id)).epoch + 1, true);
    const job = await ask<Job | undefined>(verb);
    if (job === undefined) return "refused";
    if (isActive(job)) await dispatchUnits(job, ...dispatchingOf(ask, dispatching));
  }
  return "done";
}

/** As `continueDispatch`. */
async function runStarter({ job: id, epoch, receipt, dispatching }: StarterStart, ask: Ask) {
  const job = await ask<Job | undefined>("jobs.read", id);
  if (job?.state === "starting" && job.epoch >= epoch) await dispatchUnits(job, ...dispatchingOf(ask, dispatching));
  await ask("delete", receipt);
}

type DispatchArguments = Parameters<typeof dispatchUnits> extends [Job, ...infer Rest] ? Rest : never;

function dispatchingOf(ask: Ask, { portion, portions }: Dispatching): DispatchArguments {
  const control = {
    read: (id) => ask<Job>("jobs.read", id),
    dispatched: ({ epoch }, count) => ask<boolean>("dispatched", epoch, count),
    started: ({ epoch }) => ask<boolean>("started", epoch),
  } satisfies Pick<JobControl, "read" | "dispatched" | "started">;
  const units = async () => {
    const done = await ask<number[]>("done");
    return { Items: done.map((unit) => ({ number: { N: String(unit) }, state: { S: "done" } })) };
  };
  let begun = 0;
  const options = {
    dynamodb: { send: units } as unknown as DynamoDBClient,
    jobsTable: "jobs",
    driver: driverOf(ask),
    clock: { now: () => begun++ },
    stopAt: portions,
    portion,
    continueLater: ({ epoch }: { epoch: number }, delaySeconds: number) => ask<void>("watch", epoch, delaySeconds > 0),
  };
  return [control as unknown as JobControl, options];
}

function driverOf(ask: Ask): Driver {
  return { dispatch: (turns) => (turns.length === 0 ? Promise.resolve() : ask("dispatch", turns)) };
}

interface Services {
  readonly units: UnitStore;
  readonly jobs: JobStore;
  readonly driver: Driver;
  readonly ending: Ending;
}

function services(ask: Ask, { changing }: WorkerStart): Services {
  const other = async () => ((await ask<number>("identify")) === 0 ? undefined : "the table was made anew");
  return {
    units: {
      take: (request) => ask("units.take", request),
      save: (...args) => ask("units.save", ...args),
      note: (...args) => ask("units.note", ...args),
      release: (...args) => ask("units.release", ...args),
      finish: (...args) => ask("units.finish", ...args),
      fail: (...args) => ask("units.fail", ...args),
    },
    jobs: {
      read: (job) => ask("jobs.read", job),
      end: (...args) => ask("jobs.end", ...args),
      stop: (...args) => ask("jobs.stop", ...args),
      announced: (...args) => ask("jobs.announced", ...args),
    },
    driver: driverOf(ask),
    ending: {
      isTransient: () => true,
      sourceProblem: async () => (changing ? other() : undefined),
      summarize: () => ask("summarize"),
      announce: (job) => ask("announce", job),
    },
  };
}
