import { createTable, fillTable } from "../../local/fillTable";
import type { Mail } from "../../local/sns/topics";
import { until } from "../local/smallCloud";
import { ScannerGround } from "./scannerGround";

let ground: ScannerGround;
beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: "orders", jobsCompletionEmail: "lab@example.org" });
  await createTable(ground.operator.dynamodb, "orders");
  await fillTable(ground.operator.dynamodb, "orders", 100, (n) => ({ id: { S: `order-${n}` } }));
});
afterAll(() => ground?.stop());

async function mail(about: string): Promise<Mail[]> {
  const { mail: all } = (await ground.cloud.administer("GET", "mail")) as unknown as { mail: Mail[] };
  return all.filter(({ message }) => message.includes(about));
}

test("a job's end comes as one readable sentence", async () => {
  const request = { table: "orders", operation: "count", readRate: 100, segments: 3, jobId: "count-1" };
  expect(await ground.ask(request)).toMatchObject({ job: "count-1" });
  await ground.end("count-1");
  await until(async () => (await mail("count-1")).length > 0);
  const [first] = await mail("count-1");
  expect(first).toMatchObject({
    to: "lab@example.org",
    // EventBridge leaves the quotes of a text template in.
    message: expect.stringMatching(/^"Job count-1 completed: count over table orders, 3 units in \d+ s\."$/),
  });
});

test("the refusal of a message that can never start a job comes as one readable sentence, too", async () => {
  await ground.message(JSON.stringify({ table: "orders", operation: "cuont", readRate: "half" }));
  await until(async () => (await mail("started no job")).length > 0);
  const [refused] = await mail("started no job");
  expect(refused!.message).toMatch(
    /^"Message [\w-]+ started no job: readRate must be at least 0\.001 capacity units per second or a percentage such as '50%', got 'half'\. operation must be one of count, export, update, delete, copy, undo, got 'cuont'\. Did you mean 'count'\?"$/,
  );
});
