import {
  type DynamoDBClient,
  type FilterSpecification,
  PointInTimeRecoveryUnavailableException,
} from "@aws-sdk/client-dynamodb";
import { attributesRead, exportFilterOf } from "../../../cli/start/exportFlags";
import { exportTable, type TableExportOptions } from "../../../cli/start/tableExport";
import type { StartRequest } from "../../../shared/jobs/startRequest";

const ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders";
const description = (ExportStatus: string, more: object = {}) => ({
  ExportDescription: { ExportArn: `${ARN}/export/01-ab`, ExportStatus, ...more },
});

const Table = { TableArn: ARN, KeySchema: [{ AttributeName: "id", KeyType: "HASH" }] };

/** DynamoDB's answers, by command and in order. Errors are thrown. */
function stub(answers: readonly (object | Error)[]) {
  const left = [...answers];
  const sent: { name: string; input: object }[] = [];
  const send = async (command: { constructor: { name: string }; input: object }) => {
    sent.push({ name: command.constructor.name, input: command.input });
    const answer = command.constructor.name === "DescribeTableCommand" ? { Table } : left.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { dynamodb: { send } as unknown as DynamoDBClient, sent };
}

async function run(answers: readonly (object | Error)[], more: Partial<TableExportOptions> = {}) {
  const { dynamodb, sent } = stub(answers);
  const [slept, looks]: [number[], object[]] = [[], []];
  const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) };
  const signal = new AbortController().signal;
  const options = { dynamodb, bucket: "results", table: "orders", job: "j", clock, signal };
  const end = await exportTable({ ...options, onLook: (look) => looks.push(look), ...more });
  return { end, sent, slept, looks };
}

const place = "s3://results/exports/j/AWSDynamoDB/01-ab";

test("waits for longer and longer times until the export is complete", async () => {
  const under = description("IN_PROGRESS");
  const { end, sent, slept, looks } = await run([...Array(8).fill(under), description("COMPLETED", { ItemCount: 7 })]);
  expect(end).toEqual({ place, completed: true });
  expect(slept).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(looks).toEqual([
    { place, done: false },
    { place, done: true, items: 7 },
  ]);
  expect(sent[1]).toEqual({
    name: "ExportTableToPointInTimeCommand",
    input: {
      ...{ TableArn: ARN, S3Bucket: "results", S3Prefix: "exports/j", ExportFormat: "DYNAMODB_JSON", ClientToken: "j" },
    },
  });
});

test("Ctrl-C ends the waiting, not the export", async () => {
  const stop = new AbortController();
  const sleep = async () => {
    stop.abort(new Error("interrupted"));
    throw stop.signal.reason;
  };
  const clock = { now: () => 0, sleep };
  const { end } = await run([description("IN_PROGRESS")], { clock, signal: stop.signal });
  expect(end).toEqual({ place, completed: false });
});

test("without point-in-time recovery it ends with a sentence on what to do", async () => {
  const error = new PointInTimeRecoveryUnavailableException({ message: "off", $metadata: {} });
  await expect(run([error])).rejects.toMatchObject({
    code: "NO_RECOVERY",
    message: expect.stringMatching(
      /recovery is off: turn it on .* or leave out --start-export and let the job read the table\.$/,
    ),
  });
});

test.each<[string, FilterSpecification, boolean]>([
  ["without the key", { ProjectionExpression: "total, note.id" }, false],
  ["with the key", { ProjectionExpression: "total,id" }, true],
  ["with a name for the key", { ProjectionExpression: "#a, #b", ExpressionAttributeNames: { "#b": "id" } }, true],
])("a projection %s", async (_, filter, isTaken) => {
  const exported = run([description("COMPLETED")], { filter });
  if (isTaken) await expect(exported).resolves.toMatchObject({ end: { completed: true } });
  else
    await expect(exported).rejects.toMatchObject({
      code: "USAGE",
      message: "--export-projection must name the table's key (id), got total, note.id.",
    });
});

test("a projection must have the attributes that the job's decisions depend on, whole", async () => {
  const filter = { ProjectionExpression: "id, #s, total.net", ExpressionAttributeNames: { "#s": "Status" } };
  await expect(run([description("COMPLETED")], { filter, reads: ["id", "Status"] })).resolves.toBeDefined();
  await expect(run([description("COMPLETED")], { filter, reads: ["Status", "total", "old"] })).rejects.toMatchObject({
    code: "USAGE",
    message:
      "--export-projection must name the attributes that the job depends on (total, old), got id, #s, total.net.",
  });
});

test("an export that fails is an error with DynamoDB's reason", async () => {
  const failed = description("FAILED", { FailureCode: "S3AccessDenied", FailureMessage: "No." });
  await expect(run([description("IN_PROGRESS"), failed])).rejects.toMatchObject({
    code: "EXPORT_FAILED",
    message: "The export of table orders failed (S3AccessDenied): No.",
  });
});

test("the flags make a filter of the export", () => {
  const flags = {
    ...{ startExport: true, exportFilter: "#s = :s", exportProjection: "id, #s" },
    ...{ exportNames: '{"#s":"Status"}', exportValues: '{":s":"open"}' },
  };
  expect(exportFilterOf(flags, {})).toEqual({
    FilterExpression: "#s = :s",
    ProjectionExpression: "id, #s",
    ExpressionAttributeNames: { "#s": "Status" },
    ExpressionAttributeValues: { ":s": { S: "open" } },
  });
  expect(exportFilterOf({ startExport: true }, {})).toBeUndefined();
});

test.each<[string, Partial<StartRequest>, string[]]>([
  [
    "update",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
    { update: { set: { a: "${b.c}" }, remove: ["d"], onlyIf: "e = :e", values: { ":e": 1 } } },
    ["b", "a", "d", "e"],
  ],
  ["update", { update: { set: 5 } }, []],
  ["delete", { onlyIf: "a = b[0]" }, ["a", "b"]],
  ["delete", { onlyIf: "a =" }, []],
  ["delete", {}, []],
  ["copy", { transform: { remove: ["a"] } }, ["a"]],
  ["copy", {}, []],
  ["count", {}, []],
])("the decisions of this %s depend on attributes: %j", (operation, options, names) => {
  expect(attributesRead({ operation, table: "orders", ...options } as StartRequest)).toEqual(names);
});
