import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDbLocal } from "./local/backends/dynamodbLocal";
import { createTable, fillTable } from "./local/fillTable";
import { ways } from "./bench/scan/ways";
import { Session } from "node:inspector/promises";
import { writeFileSync } from "node:fs";
void (async () => {
  const db = await DynamoDbLocal.start();
  const cfg = { endpoint: db.endpoint, region: "us-east-1", credentials: { accessKeyId: "l", secretAccessKey: "l" } };
  const client = new DynamoDBClient(cfg);
  const s = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  await createTable(client, "jobs", { KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }], AttributeDefinitions: [s("pk"), s("sk")] });
  await createTable(client, "bulk");
  await fillTable(client, "bulk", 100000, (n) => ({ id: { S: `order-${String(n).padStart(10, "0")}` }, customer: { S: `customer-${n % 5000}` }, status: { S: ["open", "paid", "shipped"][n % 3]! }, total: { N: String((n * 37) % 100_000) }, placedAt: { S: new Date(1_700_000_000_000 + n * 1000).toISOString() }, express: { BOOL: n % 7 === 0 }, lines: { L: [{ M: { sku: { S: `sku-${n % 900}` }, quantity: { N: String(1 + (n % 5)) } } }] }, note: { S: "x".repeat(210) } }));
  const session = new Session(); session.connect();
  for (let r = 0; r < 3; r++) for (const way of ["bare", "sluice", "shelf"] as const) {
    const c = new DynamoDBClient(cfg);
    if (r === 1 && way === "sluice") { await session.post("Profiler.enable"); await session.post("Profiler.start"); }
    const u0 = process.cpuUsage(); const t = performance.now(); await ways[way](c, "bulk", 4); const u = process.cpuUsage(u0);
    if (r === 1 && way === "sluice") { const { profile } = await session.post("Profiler.stop"); writeFileSync("/tmp/try/s.cpuprofile", JSON.stringify(profile)); }
    console.log(way, ((u.user) / 100000).toFixed(2), (u.system / 100000).toFixed(2), Math.round(performance.now() - t));
  }
  await db.stop();
})();
