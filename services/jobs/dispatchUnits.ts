/**
 * Hands the units of a job to its driver, in portions, and remembers how many it has handed out. After a stop or a kill
 * at any point it continues where it was, because the order of the units follows from job and epoch.
 *
 *   watch message ─► portion ► remember ► portion ► remember … ─► running
 *        │                                  │ time is short: a message to go on
 *        └─ finds the job still starting: goes on, or watches for longer where units were dispatched since it was sent
 *
 * Invariant: while a job is `starting`, the start queue holds a message that continues it, or an invocation is under way whose
 * message comes back if the invocation is killed. A unit that is dispatched twice does no harm. It happens only after a kill:
 * of two invocations that continue one job, the first to remember a portion wins, and the other gives way.
 */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../shared/clock";
import type { Driver } from "../../shared/drivers/driver";
import { shuffledUnits } from "../../shared/drivers/shuffle";
import { firstTurn } from "../../shared/engine/protocol";
import type { JobControl } from "../../shared/jobs/control";
import type { Job } from "../../shared/jobs/job";
import type { DispatchRequest } from "../../shared/jobs/startRequest";
import { readDoneUnits } from "../../shared/jobs/storage/reading";

const PORTION = 1_000;

export interface DispatchOptions {
  readonly dynamodb: DynamoDBClient;
  readonly jobsTable: string;
  readonly driver: Driver;
  readonly clock: Pick<Clock, "now">;
  /** When no further portion is begun, milliseconds since the epoch. */
  readonly stopAt: number;
  /** Units between two notes of how many are dispatched. Default 1,000. */
  readonly portion?: number;
  /** Puts a message into the start queue. It is not delivered before `delaySeconds` have passed. */
  readonly continueLater: (request: DispatchRequest, delaySeconds: number) => Promise<void>;
}

/** @returns the job as it is then: `starting` where another invocation goes on. */
export async function dispatchUnits(job: Job, control: JobControl, options: DispatchOptions): Promise<Job> {
  const { dynamodb, jobsTable, driver, clock, stopAt, continueLater } = options;
  const { portion = PORTION } = options;
  const { id, epoch, units } = job;
  const turn = firstTurn(epoch);
  const order = shuffledUnits(units, `${id}/${epoch}`);
  const done = epoch === 0 ? new Set<number>() : await readDoneUnits(dynamodb, jobsTable, id);
  // If all units are done but the job has not ended, one turn is enough to end it.
  if (done.size >= units) done.delete(0);
  for (let from = job.dispatched; from < units; from += portion) {
    // After a resume, dispatch at least one portion: reading which units are done may use up the time.
    if (clock.now() >= stopAt && (epoch === 0 || from > job.dispatched)) {
      await continueLater({ dispatch: id, epoch, from }, 0);
      return control.read(id);
    }
    const next = order.slice(from, from + portion).filter((unit) => !done.has(unit));
    await driver.dispatch(next.map((unit) => ({ job: id, unit, turn })));
    // After the last portion `running` says as much as a note would.
    if (from + portion >= units) break;
    // Somebody paused or resumed it meanwhile, or another invocation is further.
    const remembered = await control.dispatched({ ...job, dispatched: from }, from + portion);
    if (!remembered) return control.read(id);
  }
  const running = await control.started(job);
  return running ? { ...job, state: "running" } : control.read(id);
}
