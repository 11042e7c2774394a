import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GlueClient, type JobRun, paginateGetJobRuns } from "@aws-sdk/client-glue";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { invokeStart, isRefusal } from "../../cli/startFunction";
import type { ChildCloud } from "../../local/childCloud";
import type { RecordedEvent } from "../../local/events/eventBuses";
import { executionsIn } from "../../local/executionsIn";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import { messagesIn } from "../../local/messagesIn";
import { SluiceError } from "../../shared/errors";
import { JobControl } from "../../shared/jobs/control";
import type { Job } from "../../shared/jobs/job";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { readUnits } from "../../shared/jobs/storage/reading";
import type { Unit } from "../../shared/jobs/unit";
import type { ScanSoakDriver } from "../driver";

interface Outputs {
  operator: { jobsTable: string; startFunction: string; resultsBucket: string };
  unitQueueUrl: string;
  unitDeadLetterQueueUrl: string;
  writingQueueUrl: string;
  writingDeadLetterQueueUrl: string;
  startQueueUrl: string;
  stateMachine: string;
  /** Of the spark driver. */
  glueJob?: string;
}

/** How often a failed start is repeated: the start function's calls fail like all others. */
const MOST_STARTS = 5;

/** The scanner of a running local cloud, with an operator's means. */
export class Scanner {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;
  readonly glue: GlueClient;
  readonly control: JobControl;
  readonly outputs: Outputs;
  readonly #cloud: ChildCloud;

  constructor(
    cloud: ChildCloud,
    readonly driver: ScanSoakDriver,
  ) {
    this.#cloud = cloud;
    this.outputs = cloud.state.outputs as unknown as Outputs;
    this.dynamodb = new DynamoDBClient(cloud.client);
    this.s3 = new S3Client(cloud.client);
    this.sqs = new SQSClient(cloud.client);
    this.lambda = new LambdaClient(cloud.client);
    this.sfn = new SFNClient(cloud.client);
    this.glue = new GlueClient(cloud.client);
    this.control = new JobControl(this.dynamodb, this.jobsTable, Date.now);
  }

  get jobsTable(): string {
    return this.outputs.operator.jobsTable;
  }

  /** @throws SluiceError START_REFUSED */
  async start(request: StartRequest | { resume: string }): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await invokeStart(this.lambda, this.outputs.operator.startFunction, request);
        if (!isRefusal(answer)) return;
        throw new SluiceError("START_REFUSED", answer.problems.join(" "), { value: answer });
      } catch (error) {
        if ((error as SluiceError).code !== "START_FAILED" || attempt === MOST_STARTS) throw error;
      }
    }
  }

  job(id: string): Promise<Job> {
    return this.control.read(id);
  }

  /** Units that were begun, in the order of their numbers. */
  async units(id: string): Promise<Unit[]> {
    const units: Unit[] = [];
    for await (const unit of readUnits(this.dynamodb, this.jobsTable, id, { ConsistentRead: true })) units.push(unit);
    return units;
  }

  /** The driver's work under way: messages that are waiting, hidden or delayed, or executions or Glue runs. */
  async backlog(): Promise<number> {
    if (this.driver === "spark") {
      const running = (await this.#runs()).filter(({ CompletedOn }) => CompletedOn === undefined).length;
      return running + (await messagesIn(this.sqs, this.queues.units));
    }
    if (this.driver === "queue") return messagesIn(this.sqs, this.queues.units);
    return (await executionsIn(this.sfn, this.outputs.stateMachine, "RUNNING")).length;
  }

  /** The driver's lost work: dead letters, or executions or Glue runs that failed. */
  async dead(): Promise<number> {
    if (this.driver === "spark") {
      const ended = (await this.#runs()).filter(({ CompletedOn }) => CompletedOn !== undefined);
      return ended.filter(({ JobRunState }) => JobRunState !== "SUCCEEDED").length;
    }
    if (this.driver === "queue") return messagesIn(this.sqs, this.queues.deadLetters);
    const executions = await executionsIn(this.sfn, this.outputs.stateMachine);
    return executions.filter(({ status }) => status !== "RUNNING" && status !== "SUCCEEDED").length;
  }

  async #runs(): Promise<JobRun[]> {
    const runs: JobRun[] = [];
    const pages = paginateGetJobRuns({ client: this.glue }, { JobName: this.outputs.glueJob });
    for await (const { JobRuns = [] } of pages) runs.push(...JobRuns);
    return runs;
  }

  /** URLs of the queue driver's queues. */
  protected get queues(): { units: string; deadLetters: string } {
    return { units: this.outputs.unitQueueUrl, deadLetters: this.outputs.unitDeadLetterQueueUrl };
  }

  /** The table's consumption by the gateway's record. @param since milliseconds since the epoch. */
  async consumption(table: string, since = 0): Promise<ConsumptionReport> {
    const query = new URLSearchParams({ table, since: String(since) });
    return (await this.#cloud.administer("GET", `consumption?${query}`)) as unknown as ConsumptionReport;
  }

  /** The events about a job. */
  async events(id: string): Promise<RecordedEvent["event"][]> {
    const { events } = (await this.#cloud.administer("GET", "events")) as unknown as { events: RecordedEvent[] };
    return events.map(({ event }) => event).filter(({ detail }) => (detail as { job?: string }).job === id);
  }
}
