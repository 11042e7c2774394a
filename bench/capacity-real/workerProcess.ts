/** One worker of the real run, in a separate process: updates items as fast as its limiter allows. */
import { DynamoDBClient, type DynamoDBClientConfig, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDbLedger } from "../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import { systemClock } from "../../shared/clock";

/** The gateway's address and its administrator's credentials. */
export type Connection = Required<Pick<DynamoDBClientConfig, "endpoint" | "region" | "credentials">>;

export interface Job {
  readonly connection: Connection;
  readonly table: string;
  readonly worker: number;
  readonly concurrency: number;
  readonly items: number;
  /** When to stop, milliseconds since the epoch. */
  readonly end: number;
}

process.on("message", async (job: Job) => {
  const limiter = new CapacityLimiter({ ledger: new Ledger(store(job)), clock: systemClock });
  const client = new DynamoDBClient(job.connection);
  client.middlewareStack.use(capacityPlugin(limiter, { table: job.table, direction: "write" }));
  limiter.open({ deadline: job.end });
  let updates = 0;
  const thread = async () => {
    for (;;) await update(client, job, updates++);
  };
  const ended = await Promise.allSettled(Array.from({ length: job.concurrency }, thread));
  await limiter.close();
  const wrong = ended
    .map((each) => (each as PromiseRejectedResult).reason)
    .find(({ code }) => code !== "capacity.deadline");
  process.send?.({ updates: updates - job.concurrency, error: wrong === undefined ? undefined : String(wrong) });
  process.disconnect();
});

/** Changes the index's key each time, so that table and index both consume. */
async function update(client: DynamoDBClient, { table, worker, items }: Job, n: number): Promise<void> {
  const Key = { k: { S: `${worker}-${n % items}` } };
  const UpdateExpression = "SET g = :g, fill = if_not_exists(fill, :fill)";
  const values = { ":g": { S: `${worker}-${n}` }, ":fill": { S: "x".repeat(n % 3 === 0 ? 1500 : 100) } };
  await client.send(
    new UpdateItemCommand({ TableName: table, Key, UpdateExpression, ExpressionAttributeValues: values }),
  );
}

function store({ connection }: Job): DynamoDbLedger {
  return new DynamoDbLedger({ client: new DynamoDBClient(connection), table: "jobs", key: { pk: { S: "ledger" } } });
}
