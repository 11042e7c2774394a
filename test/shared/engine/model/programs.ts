/**
 * The programs whose interleavings are explored: a worker that handles one delivery of a message, an operator with the
 * invocations of the start function that carry out the operator's commands, and an invocation that goes on with a start. They
 * reach the world only by calls, and each call is one atomic step. So a program's next step is a function of the answers so
 * far. Running the real code again with the same answers leads to the same point ({@link next}).
 */
import { dispatchChains } from "../../../../services/jobs/dispatchChains";
import type { ChainTurn, Driver } from "../../../../shared/drivers/driver";
import type { Ending } from "../../../../shared/engine/completion";
import { nextTurn } from "../../../../shared/engine/crew";
import { handleChainTurn, type ProtocolOptions } from "../../../../shared/engine/protocol";
import { firstTurn } from "../../../../shared/engine/turns";
import type { Stretch, Work } from "../../../../shared/engine/unitWork";
import { handleNumber } from "../../../../shared/engine/workflow/numbers";
import { numbersLeft } from "../../../../shared/engine/workflow/numbersLeft";
import { summarizeJob } from "../../../../shared/engine/workflow/summary";
import type { Chain } from "../../../../shared/jobs/chain";
import { isActive, type Job, type JobHead } from "../../../../shared/jobs/job";
import type { ChainStore, JobStore, UnitStore } from "../../../../shared/jobs/stores";
import { noCounts } from "../../../../shared/jobs/unit";
import { GENERATE, type TaskAnswer } from "./execution";

export type Method =
  | `units.${keyof UnitStore}`
  | `jobs.${keyof JobStore}`
  | `chains.${keyof ChainStore}`
  | "dispatch"
  | "delete"
  | "answer"
  | "identify"
  | "readPage"
  | "crew"
  | "summarize"
  | "announce"
  | "start"
  | "pause"
  | "cancel"
  | "resume"
  | "watch"
  | "started";

export interface Call {
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** How a call ended, and when. `passing`: an error that may not come again. `fatal`: an error that no unit can get past. */
export type Answer = { readonly now: number; readonly passing?: boolean; readonly fatal?: boolean } & (
  | { readonly value: unknown }
  | { readonly error: string }
);

export type Verb = "start" | "pause" | "resume" | "cancel";

/** A delivery of a message to a worker. */
export interface WorkerStart {
  readonly worker: string;
  readonly message: ChainTurn;
  /** Names the delivered copy of the message. */
  readonly receipt: string;
  readonly now: number;
  /** When the invocation is stopped. */
  readonly until: number;
  /** Pages of each unit. */
  readonly pages: number;
  readonly units: number;
  /** How long a unit waits for its next attempt. */
  readonly backoff: number;
  /** The message is a task of a state machine. */
  readonly workflow: boolean;
  /** Whether the number of chains changes while the job runs. */
  readonly crew: boolean;
  /** Whether the table can become another one. */
  readonly changing: boolean;
}

export interface OperatorStart {
  readonly operator: string;
  readonly verbs: readonly Verb[];
  readonly job: string;
  readonly now: number;
  /** Whether the start function sends a message that goes on with the job if its invocation is killed. */
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
}

export type Start = WorkerStart | OperatorStart | StarterStart;

/**
 * The result of reading a page: its number, or why there is none. `waits`: the limiter lets no page through in the time that is
 * left; `over`: the time is over.
 */
export type PageAnswer = number | "paused" | "waits" | "over";

/** The call a program waits in, or how it ended. */
export type Next = { readonly call: Call } | { readonly ended: unknown } | { readonly failed: string };

type Ask = <T>(method: Method, ...args: unknown[]) => Promise<T>;

/** An error as a service returns it. By `passing`, the protocol decides whether to give a unit up sooner. */
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

/** The state of a program after so many answers. `key` is the same for programs with the same start and answers. */
export function next(key: string, start: Start, answers: readonly Answer[]): Next | Promise<Next> {
  const found = known.get(key);
  if (found !== undefined) return found;
  return replay(start, answers).then((point) => {
    if (known.size >= KNOWN_MOST) known.clear();
    known.set(key, point);
    return point;
  });
}

/** Runs the program from its start through all its answers, up to the first call without an answer. */
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

/**
 * The crew's decision between two pages: go on, put down a chain that is one too many, or begin one more.
 */
export type CrewAnswer = "go on" | "retire" | JobHead;

type Clock = Parameters<typeof handleChainTurn>[1]["clock"];

function runs(start: Start, ask: Ask, clock: Clock): Promise<unknown> {
  if ("worker" in start) return runWorker(start, ask, clock);
  return "starter" in start ? runStarter(start, ask) : runOperator(start, ask);
}

async function runWorker(start: WorkerStart, ask: Ask, clock: Clock) {
  const options: ProtocolOptions = {
    ...services(ask, start),
    clock,
    owner: start.worker,
    leaseUntil: start.until,
    stopAt: Number.POSITIVE_INFINITY,
    work: work(ask, start),
    ...{ onUnit: () => undefined, onHead: () => undefined, rest: async () => undefined },
    isTransient: (error) => !(error instanceof ServiceError) || error.passing,
    verdict: (error) => (error instanceof ServiceError && error.fatal ? error.message : undefined),
    backoffMs: () => start.backoff,
  };
  if (start.workflow) return ask("answer", start.receipt, await answerOf(start, options));
  const handled = await handleChainTurn(start.message, options);
  await ask("delete", start.receipt);
  return handled;
}

/** Does the same as shared/worker/workTask.ts and generateNumbers.ts. */
async function answerOf({ message, units }: WorkerStart, options: ProtocolOptions): Promise<TaskAnswer> {
  const { job, chain, turn: epoch } = message;
  if (chain === GENERATE) return (await numbersLeft({ job, epoch }, options)).answer;
  return chain === units ? summarizeJob({ job, epoch }, options) : handleNumber({ job, epoch, number: chain }, options);
}

/** Works page after page. The result is the list of the pages. */
function work(ask: Ask, { pages, crew, message }: WorkerStart): Work {
  return async (job, unit, { save }): Promise<Stretch> => {
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
      if (crew && (await crewSays(ask, job, message.chain)) === "retire") return { end: "retired" };
    }
  };
}

/** Like shared/engine/crew.ts: the message of a further chain is sent before the job's number of chains rises. */
async function crewSays(ask: Ask, { id }: Job, own: number): Promise<CrewAnswer> {
  const says = await ask<CrewAnswer>("crew");
  if (typeof says === "string") return says;
  const { chains: chain, epoch } = says;
  if (chain !== own) {
    const before = await ask<Chain | undefined>("chains.read", id, chain);
    await ask("dispatch", [{ job: id, chain, turn: Math.max(nextTurn(before), firstTurn(epoch)) }]);
  }
  await ask("jobs.setChains", says, chain + 1);
  return "go on";
}

/** Does the same as services/jobs/startJob.ts: an invocation that starts or resumes a job dispatches its chains. */
async function runOperator({ verbs, job: id, watched, changing }: OperatorStart, ask: Ask) {
  for (const verb of verbs) {
    if (verb === "pause" || verb === "cancel") {
      if ((await ask<Job | undefined>(verb)) === undefined) return "refused";
      continue;
    }
    if (verb === "resume" && changing && (await ask<number>("identify")) !== 0) return "refused";
    if (watched) await ask("watch", verb === "start" ? 0 : (await ask<Job>("jobs.read", id)).epoch + 1, true);
    const job = await ask<Job | undefined>(verb);
    if (job === undefined) return "refused";
    if (isActive(job)) await dispatchChains(job, controlOf(ask), driverOf(ask));
  }
  return "done";
}

/** Does the same as `continueDispatch`. */
async function runStarter({ job: id, epoch, receipt }: StarterStart, ask: Ask) {
  const job = await ask<Job | undefined>("jobs.read", id);
  if (job?.state === "starting" && job.epoch >= epoch) await dispatchChains(job, controlOf(ask), driverOf(ask));
  await ask("delete", receipt);
}

function controlOf(ask: Ask): Parameters<typeof dispatchChains>[1] {
  return {
    read: (id) => ask<Job>("jobs.read", id),
    started: ({ epoch }) => ask<boolean>("started", epoch),
  };
}

function driverOf(ask: Ask): Driver {
  return {
    dispatch: (turns, delaySeconds = 0) =>
      turns.length === 0 ? Promise.resolve() : ask("dispatch", turns, delaySeconds),
  };
}

interface Services {
  readonly units: UnitStore;
  readonly jobs: JobStore;
  readonly chains: ChainStore;
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
      read: (...args) => ask("units.read", ...args),
      list: (job) => ask("units.list", job),
    },
    chains: {
      take: (request) => ask("chains.take", request),
      release: (...args) => ask("chains.release", ...args),
      read: (...args) => ask("chains.read", ...args),
    },
    jobs: {
      read: (job) => ask("jobs.read", job),
      head: (job) => ask("jobs.head", job),
      claim: (...args) => ask("jobs.claim", ...args),
      ended: (...args) => ask("jobs.ended", ...args),
      setChains: (...args) => ask("jobs.setChains", ...args),
      end: (...args) => ask("jobs.end", ...args),
      stop: (...args) => ask("jobs.stop", ...args),
      announced: (...args) => ask("jobs.announced", ...args),
    },
    driver: driverOf(ask),
    ending: {
      isTransient: () => true,
      tablesProblem: async () => (changing ? other() : undefined),
      summarize: () => ask("summarize"),
      announce: (job) => ask("announce", job),
    },
  };
}
