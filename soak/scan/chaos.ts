import type { ChildCloud } from "../../local/childCloud";
import { limitOf } from "../../shared/jobs/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { FaultTally } from "../faultTally";
import { calm, chaos, countedBy, type Scanned, type Strikes, workerOf } from "./faultRules";
import { drained, follow, type Patience, type Standing } from "./follow";
import { type PauseReport, pauseAndLook } from "./pause";
import type { ScanProgress } from "./progress";
import type { Scanner } from "./scanner";
import { workerLog } from "./workerLog";

export interface ChaosOptions {
  cloud: ChildCloud;
  scanner: Scanner;
  tally: FaultTally;
  progress: ScanProgress;
  /** The request to start, including its id. */
  request: StartRequest & { jobId: string };
  /** Worker functions to kill. */
  kills: number;
  strikes: Strikes;
  items: number;
  quietSeconds: number;
  patience: Patience;
}

export interface ChaosRun {
  pause: PauseReport | undefined;
  /** When the rate was changed, milliseconds since the epoch; Infinity: never. */
  rateChangedAt: number;
  /** The rate from then on, by the one before. */
  faster: number;
  /** Messages or executions left in the end. */
  left: number;
}

const FASTER = 1.5;

/**
 * Runs a job while workers are killed, as many as are wanted, messages or tasks come twice and calls fail; pauses it at a
 * third, checks that nothing progresses, and resumes it; changes its rate at two thirds; waits until none of its work is
 * under way.
 */
export async function runUnderChaos(options: ChaosOptions): Promise<ChaosRun> {
  const { scanner, tally, request, items, patience, progress } = options;
  const id = request.jobId;
  const killing = new Killing(options);
  const until = (share: number) =>
    follow(scanner, id, patience, async (standing) => {
      progress.standing(standing, await killing.look(standing.items / items));
      return standing.items >= share * items;
    });

  await tally.next(chaos(placeOf(options), options.strikes, true));
  await scanner.start(request);
  let pause: PauseReport | undefined;
  if (goesOn(await until(1 / 3))) {
    progress.phase("paused");
    pause = await pauseAndLook(scanner, { id, table: request.table }, tally, options.quietSeconds, patience);
    progress.phase("resumed");
    await scanner.start({ resume: id });
  }
  let rateChangedAt = Number.POSITIVE_INFINITY;
  const { job } = await until(2 / 3);
  if (goesOn({ job })) {
    progress.phase("the rate changes");
    const limit = limitOf(job, "read")!;
    await scanner.control.changeRate(id, limit, { table: FASTER * limit.limits.table });
    rateChangedAt = Date.now();
  }
  await until(Number.POSITIVE_INFINITY);
  progress.phase("the last messages");
  const left = await drained(scanner, patience);
  await tally.next(calm(placeOf(options)));
  return { pause, rateChangedAt, faster: FASTER, left };
}

function placeOf({ request, scanner }: ChaosOptions): Scanned {
  return { driver: scanner.driver, table: request.table, jobsTable: scanner.jobsTable };
}

function goesOn({ job }: Pick<Standing, "job">): boolean {
  return job.state === "starting" || job.state === "running";
}

/** How far ahead of the job's progress the kills are, so that all kills come before the job ends. */
const HEAD_START = 0.2;
const HASTE = 2;

/** Spreads the kills over the job. */
class Killing {
  #on = true;

  constructor(private readonly options: ChaosOptions) {}

  /** @param share finished part of the job. @returns workers killed so far. */
  async look(share: number): Promise<number> {
    const { cloud, scanner, tally, kills, strikes } = this.options;
    const { executors } = countedBy(await tally.soFar());
    const killed = executors + workerLog(await cloud.logs(workerOf(scanner.driver))).killed;
    const on = killed < kills * Math.min(1, HEAD_START + HASTE * share);
    if (on !== this.#on) await tally.next(chaos(placeOf(this.options), strikes, on));
    this.#on = on;
    return killed;
  }
}
