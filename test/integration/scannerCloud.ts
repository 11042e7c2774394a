/** The local cloud with tables for the scanner, and what an operator does with it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Job } from "../../shared/jobs/job";
import { readJob } from "../../shared/jobs/reading";
import type { StartAnswer, StartRefusal } from "../../shared/jobs/startFunction";
import { until } from "../local/smallCloud";
import { RunningCloud } from "./runningCloud";

interface Operator {
  readonly jobsTable: string;
  readonly startFunction: string;
  readonly resultsBucket: string;
}

export class ScannerCloud {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly #lambda: LambdaClient;
  readonly #sqs: SQSClient;

  constructor(readonly cloud: RunningCloud) {
    this.dynamodb = new DynamoDBClient(cloud.client);
    this.s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    this.#lambda = new LambdaClient(cloud.client);
    this.#sqs = new SQSClient(cloud.client);
  }

  /** @param config overrides of the dev stack's config. */
  static async start(config: Record<string, string>): Promise<ScannerCloud> {
    return new ScannerCloud(await RunningCloud.start(config));
  }

  get operator(): Operator {
    return this.cloud.state.outputs.operator as Operator;
  }

  /** Invokes the start function. */
  async invoke(event: unknown): Promise<StartAnswer | StartRefusal> {
    const { startFunction: FunctionName } = this.operator;
    const answer = await this.#lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    const text = answer.Payload?.transformToString() ?? "";
    if (answer.FunctionError !== undefined) throw new Error(text);
    return JSON.parse(text);
  }

  /** Puts a start request into the start queue. */
  async request(body: string): Promise<void> {
    const QueueUrl = this.cloud.state.outputs.startQueueUrl as string;
    await this.#sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
  }

  job(id: string): Promise<Job | undefined> {
    return readJob(this.dynamodb, this.operator.jobsTable, id);
  }

  /** The job, once it has ended and the bus was told. */
  async ended(id: string, withinMs = 60_000): Promise<Job> {
    let found: Job | undefined;
    await until(async () => {
      found = await this.job(id);
      return found?.announced === true;
    }, withinMs);
    return found!;
  }

  stop(): Promise<number> {
    for (const client of [this.dynamodb, this.s3, this.#lambda, this.#sqs]) client.destroy();
    return this.cloud.stop();
  }
}
