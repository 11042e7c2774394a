/** `jobs rate` for jobs of the workflow driver: the ledger and the concurrency of the running Map. */
import { UpdateMapRunCommand } from "@aws-sdk/client-sfn";
import { changeRate } from "../../../cli/jobs/changeRate";
import type { Operator } from "../../../cli/operator";
import { createTable, stringKeys } from "../../../local/fillTable";
import { JobControl } from "../../../shared/jobs/control";
import type { Job } from "../../../shared/jobs/job";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";
import { job, NOW, reading } from "./jobs";

const TABLE = "jobs";
const executionOf = (id: string) => `arn:aws:states:eu-central-1:0:execution:s:${id}-0`;

let local: DynamoDbLocal;
let control: JobControl;
beforeAll(async () => {
  local = await startDynamoDbLocal();
  await createTable(local.client, TABLE, stringKeys("pk", "sk"));
  const ProvisionedThroughput = { ReadCapacityUnits: 40_000, WriteCapacityUnits: 1_000 };
  await createTable(local.client, "surveys", { BillingMode: "PROVISIONED", ProvisionedThroughput });
  control = new JobControl(local.client, TABLE, () => NOW);
});
afterAll(() => local?.stop());

async function make(id: string, of: Partial<Job> = {}): Promise<void> {
  await control.create(job({ id, units: 100, driver: "workflow", execution: executionOf(id), ...of }));
}

/** An operator of a stack where each execution has one Map Run, named after it. */
function operatorWith(refusal?: Error, workflow: Pick<Operator, "shuffleMaximumConcurrency"> = mostOf(16)) {
  const updates: object[] = [];
  const send = async (command: { input: object }) => {
    if (refusal !== undefined) throw refusal;
    if (command instanceof UpdateMapRunCommand) return updates.push(command.input) && {};
    const { executionArn } = command.input as { executionArn: string };
    return { mapRuns: [{ mapRunArn: `map of ${executionArn}` }] };
  };
  const operator = { control, dynamodb: local.client, sfn: { send }, ...workflow } as unknown as Operator;
  return { operator, updates };
}
const mostOf = (shuffleMaximumConcurrency: number) => ({ shuffleMaximumConcurrency });
const update = (id: string, maxConcurrency: number) => ({ mapRunArn: `map of ${executionOf(id)}`, maxConcurrency });

test.each([
  ["one unit for each 400 RCU/s", "2400", 16, 6],
  ["no more than the stack allows", "40000", 16, 16],
  ["at least one", "1", 16, 1],
])("a new rate feeds %s", async (_, rate, most, expected) => {
  const id = `fed-${rate}`;
  await make(id);
  const { operator, updates } = operatorWith(undefined, mostOf(most));
  const { warnings } = await changeRate(operator, id, { readRate: rate });
  expect([updates, warnings]).toEqual([[update(id, expected)], []]);
  expect(await control.read(id)).toMatchObject({ limits: reading(Number(rate)) });
});

test("a new read rate is that of a dry run's lookups as well", async () => {
  const lookup = { direction: "read", purpose: "lookup", table: "surveys", limits: { table: 5 } } as const;
  const source = { direction: "read", table: "answers", limits: { table: 5 } } as const;
  await createTable(local.client, "answers", stringKeys("id"));
  await make("looking", { limits: [source, lookup], work: { operation: "copy", table: "answers", to: "surveys" } });
  const { job: changed } = await changeRate(operatorWith().operator, "looking", { readRate: "50%" });
  expect(changed.limits).toEqual([
    { ...source, limits: { table: 6_000 }, percentage: "50%" },
    { ...lookup, limits: { table: 20_000 }, percentage: "50%" },
  ]);
  expect(await control.read("looking")).toMatchObject({ limits: changed.limits });
  const { job: again } = await changeRate(operatorWith().operator, "looking", { readRate: "7" });
  expect(again.limits).toEqual([
    { ...source, limits: { table: 7 } },
    { ...lookup, limits: { table: 7 } },
  ]);
});

test("no more units are worked on at once than the job has", async () => {
  await make("few", { units: 3 });
  const { operator, updates } = operatorWith();
  await changeRate(operator, "few", { readRate: "40000" });
  expect(updates).toEqual([update("few", 3)]);
});

test("the Maps of all active jobs of a limit group follow", async () => {
  const limitGroup = "night";
  await make("group-a", { limitGroup });
  await make("group-b", { limitGroup });
  await make("group-paused", { limitGroup, state: "paused" });
  await make("group-queue", { limitGroup, driver: undefined, execution: undefined } as unknown as Partial<Job>);
  const { operator, updates } = operatorWith();
  await changeRate(operator, "group-a", { readRate: "800" });
  expect(updates).toHaveLength(2);
  expect(updates).toEqual(expect.arrayContaining([update("group-a", 2), update("group-b", 2)]));
});

test.each<[string, Partial<Job>, Partial<Operator>]>([
  ["a paused job", { state: "paused" }, mostOf(16)],
  ["a job whose execution isn't known yet", { state: "starting", execution: undefined } as never, mostOf(16)],
  ["a job of a stack whose workflow is gone", {}, {}],
])("only the ledger is changed for %s", async (name, of, workflow) => {
  const id = name.replaceAll(/\W/g, "-");
  await make(id, of);
  const { operator, updates } = operatorWith(undefined, workflow);
  expect(await changeRate(operator, id, { readRate: "800" })).toMatchObject({ warnings: [] });
  expect(updates).toEqual([]);
  expect(await control.read(id)).toMatchObject({ limits: reading(800) });
});

test("without permission for the Map the ledger is changed nevertheless, and a sentence reports that the Map has not followed", async () => {
  await make("denied");
  const message = "User: arn:aws:iam::0:user/ann is not authorized to perform: states:ListMapRuns";
  const refusal = Object.assign(new Error(message), { name: "AccessDeniedException", $metadata: {} });
  const { job: changed, warnings } = await changeRate(operatorWith(refusal).operator, "denied", { readRate: "800" });
  expect(changed.limits).toEqual(reading(800));
  expect(await control.read("denied")).toMatchObject({ limits: reading(800) });
  expect(warnings).toEqual([
    `The new rate is in force, but execution ${executionOf("denied")} still works on as many units at once as before ` +
      `(AWS does not permit this: ${message}).`,
  ]);
});

test("an error of another origin is not taken for one of AWS", async () => {
  await make("broken");
  const broken = new TypeError("broken");
  await expect(changeRate(operatorWith(broken).operator, "broken", { readRate: "800" })).rejects.toBe(broken);
});
