import { type ExecutionStatus, SFNClient } from "@aws-sdk/client-sfn";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Operator, operatorOf } from "../../cli/operator";
import { invokeStart, isRefusal } from "../../cli/startFunction";
import { executionsIn, type ListedExecution } from "../../local/executionsIn";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import { messagesIn } from "../../local/messagesIn";
import { pauseMs } from "../../local/pauseMs";
import { systemClock } from "../../shared/clock";
import { finalStates, type Job } from "../../shared/jobs/job";
import { jobProgress, unitProgress } from "../../shared/jobs/progress";
import type { StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import type { ResumeRequest, StartRequest } from "../../shared/jobs/startRequest";
import { readJob, readUnits } from "../../shared/jobs/storage/reading";
import { sharesOf, slotsOf } from "../../soak/shares";
import { RunningCloud } from "./runningCloud";
import { type Ended, sluiceOn } from "./sluiceOn";

export interface JobEvent {
  "detail-type": string;
  detail: Record<string, unknown>;
}

/** Drivers that make the same promises. */
export const drivers = ["queue", "workflow"] as const;
export type DriverName = (typeof drivers)[number];

/** A local cloud, with helpers to work with its scanner. */
export class ScannerGround {
  private constructor(
    readonly cloud: RunningCloud,
    readonly operator: Operator,
    readonly sqs: SQSClient,
    readonly sfn: SFNClient,
  ) {}

  static async start(config: Record<string, string>): Promise<ScannerGround> {
    const cloud = await RunningCloud.start(config);
    const operator = operatorOf({ value: cloud.state.outputs.operator, ...cloud.client }, "local", systemClock);
    return new ScannerGround(cloud, operator, new SQSClient(cloud.client), new SFNClient(cloud.client));
  }

  async stop(): Promise<void> {
    this.operator.close();
    this.sqs.destroy();
    this.sfn.destroy();
    await this.cloud.stop();
  }

  ask(request: StartRequest | ResumeRequest): Promise<StartAnswer | StartRefusal> {
    return invokeStart(this.operator.lambda, this.operator.startFunction, request);
  }

  /** Puts a start request into the start queue, unchanged. */
  async message(body: string): Promise<void> {
    const QueueUrl = this.cloud.state.outputs.startQueueUrl as string;
    await this.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  }

  /** Starts a job, which must succeed. @returns the job's id */
  async begin(request: StartRequest): Promise<string> {
    const answer = await this.ask(request);
    if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
    return answer.job;
  }

  /** Runs a command as an operator types it behind `npm run sluice --`. */
  sluice(...args: string[]): Promise<Ended> {
    return sluiceOn(this.cloud.state, args);
  }

  /** The events about how a job ended. */
  async ends(id: string): Promise<JobEvent[]> {
    const { events } = (await this.cloud.administer("GET", "events")) as unknown as { events: { event: JobEvent }[] };
    return events.map(({ event }) => event).filter(({ detail }) => detail.job === id);
  }

  job(id: string): Promise<Job> {
    return this.operator.control.read(id);
  }

  async progress(id: string) {
    const job = await this.job(id);
    const units = [];
    for await (const unit of readUnits(this.operator.dynamodb, this.operator.jobsTable, id, { ConsistentRead: true })) {
      units.push(unitProgress(unit, job, Date.now()));
    }
    return jobProgress(job, units, Date.now());
  }

  /** Waits until the job has ended. A job that was requested by message may not exist yet. */
  async end(id: string, withinMs = 120_000): Promise<Job> {
    const { dynamodb, jobsTable } = this.operator;
    const ended = await this.until(
      () => readJob(dynamodb, jobsTable, id),
      (job) =>
        job !== undefined && finalStates.includes(job.state) && (job.state === "cancelled" || job.announced === true),
      withinMs,
    );
    return ended as Job;
  }

  /** Waits until nothing of a driver is under way: no message about units that are read, or no execution. */
  async idle(driver: DriverName, withinMs?: number): Promise<void> {
    const underWay = async () =>
      driver === "queue" ? this.messages(this.unitQueue) : (await this.executions("RUNNING")).length;
    await this.until(underWay, (number) => number === 0, withinMs);
  }

  get unitQueue(): string {
    return this.cloud.state.outputs.unitQueueUrl as string;
  }

  get stateMachine(): string {
    return this.cloud.state.outputs.stateMachine as string;
  }

  /** Executions of the state machine, the newest first. @param status default: all. */
  executions(status?: ExecutionStatus): Promise<ListedExecution[]> {
    return executionsIn(this.sfn, this.stateMachine, status);
  }

  /** The status of a job's executions, by name: one for each epoch. The queue driver has none. */
  async executionsOf(id: string): Promise<Record<string, ExecutionStatus>> {
    const found = (await this.executions()).filter(({ name }) => name.replace(/-\d+$/, "") === id);
    return Object.fromEntries(found.map(({ name, status }) => [name, status]));
  }

  /** Messages of a queue that are not done. */
  messages(queueUrl: string): Promise<number> {
    return messagesIn(this.sqs, queueUrl);
  }

  /** Has the gateway record what the table consumes. */
  async record(table: string): Promise<void> {
    await this.cloud.administer("PUT", "capacity", { table, mode: "record" });
  }

  /** Read units consumed on the table from `since` on, milliseconds since the epoch, as the gateway recorded them. */
  async consumed(table: string, since = 0): Promise<number> {
    const { consumption } = await this.consumption(table, since);
    return consumption.reduce((sum, { rcu }) => sum + rcu, 0);
  }

  /**
   * The most by which the table's readers were ever ahead of a rate (RCU/s) since a time, in seconds, by the gateway's record.
   * @param since milliseconds since the epoch.
   */
  async ahead(table: string, rate: number, since: number): Promise<number> {
    const { consumption, slotMs } = await this.consumption(table, since);
    return sharesOf(slotsOf(consumption, "rcu"), slotMs, [], [{ from: since, perSecond: rate }]).ahead;
  }

  private async consumption(table: string, since = 0): Promise<ConsumptionReport> {
    const report: unknown = await this.cloud.administer("GET", `consumption?table=${table}&since=${since}`);
    return report as ConsumptionReport;
  }

  /** Asks again until the answer is as wanted. @throws Error with the last answer after `withinMs` */
  async until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, withinMs = 150_000): Promise<T> {
    const started = Date.now();
    for (;;) {
      const answer = await ask();
      if (wanted(answer)) return answer;
      const waitedMs = Date.now() - started;
      if (waitedMs > withinMs) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(answer)}`);
      await new Promise((wake) => setTimeout(wake, pauseMs(waitedMs)));
    }
  }
}
