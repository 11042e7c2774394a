import { DynamoDBClient, CreateTableCommand, BatchWriteItemCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
import { ChildCloud } from "./local/childCloud";
import { readJob, readUnits } from "./shared/jobs/reading";
import { jobProgress, unitProgress } from "./shared/jobs/progress";
const N = Number(process.argv[2] ?? 20000), RCU = Number(process.argv[3] ?? 200);
void (async () => {
  const cloud = await ChildCloud.start({ scannerTables: "demo" });
  try {
    const { endpoint, region, credentials, outputs } = cloud.state;
    const op = outputs.operator as any;
    const cfg = { endpoint, region, credentials };
    const ddb = new DynamoDBClient(cfg), lam = new LambdaClient(cfg);
    await ddb.send(new CreateTableCommand({ TableName: "demo", BillingMode: "PAY_PER_REQUEST", KeySchema: [{ AttributeName: "id", KeyType: "HASH" }], AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }] }));
    let t = Date.now();
    const work: number[] = []; for (let i = 0; i < N; i += 25) work.push(i);
    await Promise.all(Array.from({ length: 8 }, async () => { for (;;) { const i = work.pop(); if (i === undefined) return;
      await ddb.send(new BatchWriteItemCommand({ RequestItems: { demo: Array.from({ length: Math.min(25, N - i) }, (_, k) => ({ PutRequest: { Item: { id: { S: `item-${i + k}` }, n: { N: String(i + k) }, text: { S: "x".repeat(350) } } } })) } })); } }));
    console.log("filled", Date.now() - t);
    t = Date.now();
    for (const operation of (process.argv[4] ?? "count").split(",")) {
    const out = await lam.send(new InvokeCommand({ FunctionName: op.startFunction, Payload: Buffer.from(JSON.stringify({ table: "demo", operation, rate: { rcu: RCU }, totalSegments: Number(process.argv[5] ?? 8) })) }));
    const answer = JSON.parse(Buffer.from(out.Payload!).toString());
    console.log(out.FunctionError, answer);
    if (!answer.job) return;
    for (;;) {
      await new Promise((r) => setTimeout(r, 1000));
      const job = (await readJob(ddb, op.jobsTable, answer.job))!;
      const units = []; for await (const u of readUnits(ddb, op.jobsTable, answer.job)) units.push(unitProgress(u, Date.now()));
      const p = jobProgress(job, units, Date.now());
      console.log(JSON.stringify({ ...p, result: p.result }));
      if (["completed", "failed", "cancelled"].includes(job.state)) break;
      if (Date.now() - t > 90000) { console.log(JSON.stringify(units.slice(0, 3))); break; }
    }
    }
  } finally { console.log(await (cloud as any).refusals()); const c = (await import("node:fs")).readdirSync((cloud as any).folder ?? "."); await cloud.stop(); }
})();
