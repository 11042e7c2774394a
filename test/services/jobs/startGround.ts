/** A jobs table and a table to work on in DynamoDB Local, and a queue that keeps what is sent. */
import { randomUUID } from "node:crypto";
import { type CreateTableCommandInput, DeleteTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createTable, fillTable, stringKeys } from "../../../local/fillTable";
import type { StartJobOptions } from "../../../services/jobs/startJob";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { JobControl } from "../../../shared/jobs/control";
import { finalStates, type Job, type JobHead } from "../../../shared/jobs/job";
import type { DispatchRequest } from "../../../shared/jobs/startRequest";
import { listJobs, readJob } from "../../../shared/jobs/storage/reading";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

export const ITEMS = 40;
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });

/** A table on demand with a global and a local index. */
export const orders: Partial<CreateTableCommandInput> = {
  KeySchema: [
    { AttributeName: "id", KeyType: "HASH" },
    { AttributeName: "day", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [text("id"), text("day")],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-day",
      KeySchema: [{ AttributeName: "day", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};

/** A ground for all tests of its block, reset before each. @param use gets the ground before the first test */
export function startGroundOnce(use: (ground: StartGround) => void): void {
  let ground: StartGround | undefined;
  beforeAll(async () => {
    ground = await StartGround.start();
    use(ground);
  });
  afterAll(() => ground?.stop());
  beforeEach(async () => {
    await ground!.endJobs();
    ground!.forget();
  });
}

export class StartGround {
  readonly table = `orders-${randomUUID().slice(0, 8)}`;
  readonly jobsTable = `jobs-${randomUUID().slice(0, 8)}`;
  /** Names of the commands that went to DynamoDB. */
  readonly commands: string[] = [];
  readonly sent: ChainTurn[][] = [];
  /** Messages that the start function sent itself. */
  readonly later: { request: DispatchRequest; delaySeconds: number }[] = [];
  /** Inputs of the commands that went to DynamoDB. */
  readonly inputs: { readonly name: string; readonly input: Record<string, unknown> }[] = [];
  /** Keys of the results bucket. */
  keys: string[] = [];
  now = Date.now;
  /** Calls that fail, with their errors: commands of DynamoDB by name, `send` for the queue,
   * `continueLater` for the message to itself. */
  failing: Partial<Record<string, Error>> = {};

  private constructor(private readonly database: DynamoDbLocal) {}

  static async start(): Promise<StartGround> {
    const ground = new StartGround(await startDynamoDbLocal());
    try {
      await ground.#tables();
      return ground;
    } catch (error) {
      await ground.stop();
      throw error;
    }
  }

  async #tables(): Promise<void> {
    await this.makeOrders();
    await createTable(this.database.client, this.jobsTable, stringKeys("pk", "sk"));
  }

  /** Makes and fills the table to work on. */
  async makeOrders(changes: Partial<CreateTableCommandInput> = {}): Promise<void> {
    const { client } = this.database;
    await createTable(client, this.table, { ...orders, ...changes });
    await fillTable(client, this.table, ITEMS, (n) => ({
      id: { S: `order-${n}` },
      day: { S: `day-${n % 3}` },
      amount: { N: String(n) },
    }));
  }

  /** Deletes the table to work on and makes another of the same name. */
  async remakeOrders(changes: Partial<CreateTableCommandInput> = {}): Promise<void> {
    await this.database.client.send(new DeleteTableCommand({ TableName: this.table }));
    await this.makeOrders(changes);
  }

  stop(): Promise<void> {
    return this.database.stop();
  }

  /** Cancels all active jobs, so nothing competes with the next job. */
  async endJobs(): Promise<void> {
    const control = new JobControl(this.database.client, this.jobsTable, Date.now);
    const active = (await this.jobs()).filter(({ state }) => !finalStates.includes(state));
    for (const { id } of active) await control.cancel(id);
  }

  forget(): void {
    this.failing = {};
    this.commands.length = 0;
    this.sent.length = 0;
    this.later.length = 0;
    this.inputs.length = 0;
    this.keys = [];
    this.now = Date.now;
  }

  get options(): StartJobOptions {
    return {
      dynamodb: this.dynamodb,
      s3: this.s3,
      resultsBucket: "results",
      changedTables: [],
      jobsTable: this.jobsTable,
      driver: () => ({
        dispatch: async (turns) => {
          if (this.failing.send !== undefined) throw this.failing.send;
          this.sent.push([...turns]);
        },
      }),
      initiator: { caller: "arn:aws:iam::123456789012:user/ops" },
      clock: { now: () => this.now() },
      continueLater: async (request, delaySeconds) => {
        if (this.failing.continueLater !== undefined) throw this.failing.continueLater;
        this.later.push({ request, delaySeconds });
      },
      mostWorkers: () => 16,
      hasWorkflow: false,
      expirationDays: 0,
      timeoutSeconds: 60,
    };
  }

  /** Lists `keys`. */
  get s3(): S3Client {
    const send = async ({ input: { Bucket, Prefix = "" } }: ListObjectsV2Command) => {
      expect(Bucket).toBe("results");
      return { KeyCount: this.keys.filter((key) => key.startsWith(Prefix)).length };
    };
    return { send } as unknown as S3Client;
  }

  get dynamodb(): DynamoDBClient {
    const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }, ...rest: []) => {
      const name = command.constructor.name.replace("Command", "");
      this.commands.push(name);
      this.inputs.push({ name, input: command.input });
      const error = this.failing[name];
      if (error !== undefined) throw error;
      // DynamoDB Local doesn't know the call; without an answer's fields the table has no backups.
      if (name === "DescribeContinuousBackups") return {};
      return this.database.client.send(command as never, ...rest);
    };
    return { send } as unknown as DynamoDBClient;
  }

  /** A valid request, with the given changes. */
  request(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    return { table: this.table, operation: "count", readRate: 100, segments: 4, ...changes };
  }

  job(id: string): Promise<Job | undefined> {
    return readJob(this.database.client, this.jobsTable, id);
  }

  jobs(): Promise<JobHead[]> {
    return listJobs(this.database.client, this.jobsTable, 100);
  }
}

export function named(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
