import { createTable, fillTable } from "../../local/fillTable";
import type { Mail } from "../../local/sns/topics";
import { until } from "../local/smallCloud";
import { ScannerCloud } from "./scannerCloud";

jest.setTimeout(120_000);

let cloud: ScannerCloud;
beforeAll(async () => {
  cloud = await ScannerCloud.start({ scannerTables: "orders", scannerCompletionEmail: "lab@example.org" });
  await createTable(cloud.dynamodb, "orders");
  await fillTable(cloud.dynamodb, "orders", 100, (n) => ({ id: { S: `order-${n}` } }));
});
afterAll(() => cloud?.stop());

async function mail(about: string): Promise<Mail[]> {
  const { mail: all } = (await cloud.cloud.administer("GET", "mail")) as unknown as { mail: Mail[] };
  return all.filter(({ message }) => message.includes(about));
}

test("a job's end comes as one readable sentence", async () => {
  const request = { table: "orders", operation: "count", rate: { rcu: 100 }, totalSegments: 3, jobId: "count-1" };
  expect(await cloud.invoke(request)).toMatchObject({ job: "count-1" });
  await cloud.ended("count-1");
  await until(async () => (await mail("count-1")).length > 0);
  const [first] = await mail("count-1");
  expect(first).toMatchObject({
    to: "lab@example.org",
    // EventBridge leaves the quotes of a text template in.
    message: expect.stringMatching(/^"Job count-1 completed: count over table orders, 3 segments in \d+ s\."$/),
  });
});

test("so does the refusal of a message that can never start a job", async () => {
  await cloud.request(JSON.stringify({ table: "orders", operation: "cuont", rate: { rcu: "half" } }));
  await until(async () => (await mail("started no job")).length > 0);
  const [refused] = await mail("started no job");
  expect(refused!.message).toMatch(
    /^"Message [\w-]+ started no job: rate\.rcu must be a number of RCU\/s above 0 or a percentage such as '50%', got 'half'\."$/,
  );
});
