import { readBill } from "../../../../cli/jobs/jobBill";
import { jobSource } from "../../../../cli/jobs/snapshot";
import type { Operator } from "../../../../cli/operator";
import { JobWatch } from "../../../../cli/ui/live/jobWatch";
import { createTable, stringKeys } from "../../../../local/fillTable";
import { listPrices } from "../../../../shared/cost/prices";
import { JobControl } from "../../../../shared/jobs/control";
import { keepRun } from "../../../../shared/jobs/storage/runs";
import { FakeClock } from "../../../sender/helpers";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";
import { job, NOW } from "../../jobs/jobs";
import { OPERATOR } from "../../operatorStack";

let local: DynamoDbLocal;

beforeAll(async () => {
  local = await startDynamoDbLocal();
  await createTable(local.client, OPERATOR.jobsTable, stringKeys("pk", "sk"));
});

afterAll(() => local?.stop());

test("the bill of a job of the spark driver includes Glue's part, as in the list and in `jobs show`", async () => {
  const { client } = local;
  const control = new JobControl(client, OPERATOR.jobsTable, () => NOW);
  const operator = { ...OPERATOR, control, dynamodb: client } as unknown as Operator;
  const id = "by-spark";
  await control.create(job({ id, driver: "spark" }));
  const records = { client, table: OPERATOR.jobsTable, retry: <T>(call: () => Promise<T>) => call() };
  await keepRun({ id }, { run: "jr_0", dpuSeconds: 3_600, flex: false }, records);
  const watch = new JobWatch(jobSource(operator, id), new FakeClock(NOW));
  const snapshot = await watch.look();
  const bill = await watch.bill(operator, snapshot, listPrices);
  expect(bill.dpu).toEqual({ standard: 3_600, flex: 0 });
  expect(bill).toEqual(await readBill(operator, snapshot, listPrices));
});
