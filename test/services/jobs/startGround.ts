/** A jobs table and a table to work on in DynamoDB Local, and a queue that keeps what is sent. */
import { randomUUID } from "node:crypto";
import { type CreateTableCommandInput, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { createTable, fillTable, stringKeys } from "../../../local/fillTable";
import type { StartJobOptions } from "../../../services/jobs/startJob";
import type { Job } from "../../../shared/jobs/job";
import { unitKey } from "../../../shared/jobs/storage/jobsTable";
import { listJobs, readJob } from "../../../shared/jobs/storage/reading";
import type { UnitMessage } from "../../../shared/jobs/stores";
import type { UnitState } from "../../../shared/jobs/unit";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

export const ITEMS = 40;
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });

/** A table on demand with a global and a local index. */
const orders: Partial<CreateTableCommandInput> = {
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

export class StartGround {
  readonly table = `orders-${randomUUID().slice(0, 8)}`;
  readonly jobsTable = `jobs-${randomUUID().slice(0, 8)}`;
  /** Names of the commands that went to DynamoDB. */
  readonly commands: string[] = [];
  readonly sent: UnitMessage[][] = [];
  /** What fails, and with what: commands of DynamoDB by name, `send` for the queue. */
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
    const { client } = this.database;
    await createTable(client, this.table, orders);
    await fillTable(client, this.table, ITEMS, (n) => ({
      id: { S: `order-${n}` },
      day: { S: `day-${n % 3}` },
      amount: { N: String(n) },
    }));
    await createTable(client, this.jobsTable, stringKeys("pk", "sk"));
  }

  stop(): Promise<void> {
    return this.database.stop();
  }

  forget(): void {
    this.failing = {};
    this.commands.length = 0;
    this.sent.length = 0;
  }

  get options(): StartJobOptions {
    return {
      dynamodb: this.dynamodb,
      jobsTable: this.jobsTable,
      queue: {
        send: async (messages) => {
          if (this.failing.send !== undefined) throw this.failing.send;
          this.sent.push([...messages]);
        },
      },
      now: Date.now,
      random: Math.random,
    };
  }

  get dynamodb(): DynamoDBClient {
    const send = async (command: { constructor: { name: string } }, ...rest: []) => {
      const name = command.constructor.name.replace("Command", "");
      this.commands.push(name);
      const error = this.failing[name];
      if (error !== undefined) throw error;
      return this.database.client.send(command as never, ...rest);
    };
    return { send } as unknown as DynamoDBClient;
  }

  /** A request that nothing is wrong with, but for the changes. */
  request(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    return { table: this.table, operation: "count", rate: { rcu: 100 }, totalSegments: 4, ...changes };
  }

  job(id: string): Promise<Job | undefined> {
    return readJob(this.database.client, this.jobsTable, id);
  }

  jobs(): Promise<Job[]> {
    return listJobs(this.database.client, this.jobsTable, 100);
  }

  /** Writes the checkpoint that a worker would leave behind. */
  async leaveUnit(job: string, number: number, state: UnitState): Promise<void> {
    await this.database.client.send(
      new UpdateItemCommand({
        TableName: this.jobsTable,
        Key: unitKey(job, number),
        UpdateExpression: "SET #state = :state, #number = :number, turn = :zero",
        ExpressionAttributeNames: { "#state": "state", "#number": "number" },
        ExpressionAttributeValues: { ":state": { S: state }, ":number": { N: String(number) }, ":zero": { N: "0" } },
      }),
    );
  }
}

export function named(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
