/**
 * Whole writing jobs by Python workers. They are started like from the command line; TypeScript ends them, redrives their
 * failures and undoes them. The recipes of docs/glue.md are among them.
 */
import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { Command } from "commander";
import type { StartFlags } from "../../../cli/requestFlags";
import { addStartOptions, startRequest } from "../../../cli/start/request";
import { createTable, fillTable, stringKeys } from "../../../local/fillTable";
import { type StartJobOptions, startJob } from "../../../services/jobs/startJob";
import { systemClock } from "../../../shared/clock";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { JobControl } from "../../../shared/jobs/control";
import type { Job } from "../../../shared/jobs/job";
import { readUnits } from "../../../shared/jobs/storage/reading";
import type { WritingResult } from "../../../shared/operations/changeItems";
import { exportItems } from "../../../shared/operations/export/exportItems";
import { writingOperations } from "../../../shared/operations/writing";
import { type ListedFailure, readFailures } from "../../../shared/writing/failureList";
import { commandLines, fencedBlocks } from "../../docs/codeBlocks";
import { describeWithPython } from "../../support/gluePython";
import { localWorkParts, workTurns } from "../../support/localWorker";
import { Ground } from "../ingest/ground";
import { PythonWorker, UnitQueue } from "./pythonWorkers";

const REGION = "us-east-1";
const JOBS = "jobs";
const BUCKET = "results";
const ITEMS = 300;

type Item = Record<string, AttributeValue>;

/** Every tenth has no time yet. */
const survey = (n: number): Item => ({
  id: { S: `survey-${n}` },
  Status: { S: n % 2 === 0 ? "open" : "paid" },
  ...(n % 10 !== 0 && { Timestamp: { S: `2024-01-${n}` } }),
  photo: { B: new Uint8Array([n % 256, 255]) },
});
const keyIn = (item: Item) => ({ S: `${item.Status?.S}#${item.Timestamp?.S}` });

const commands = fencedBlocks("docs/glue.md").flatMap((block) => (block.language === "sh" ? commandLines(block) : []));
/** The start command with this job id, and the document that it names, as docs/glue.md has them. */
function recipe(jobId: string): string {
  const command = commands.find(
    (line) => line.startsWith("npm run sluice -- start ") && line.includes(`--job-id ${jobId}`),
  );
  const [, file = ""] = /--update (\S+)/.exec(command!) ?? [];
  const [, json = ""] =
    /<<'JSON'\n(.*)\nJSON$/s.exec(commands.find((line) => line.startsWith(`cat > ${file} `)) ?? "") ?? [];
  return command!.replace(`--update ${file}`, `--update '${json.replaceAll(/\s+/g, " ")}'`);
}

describeWithPython("Python workers that write", () => {
  let ground: Ground;
  let queue: UnitQueue;
  let dynamodb: DynamoDBClient;
  let endpoint: string;
  let table: string;
  let copyOf: string;

  beforeAll(async () => {
    ground = await Ground.start();
    queue = await UnitQueue.start();
    dynamodb = ground.clients.dynamodb;
    const { protocol, hostname, port } = await dynamodb.config.endpoint!();
    endpoint = `${protocol}//${hostname}:${port}`;
    await createTable(dynamodb, JOBS, stringKeys("pk", "sk"));
    await ground.clients.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  beforeEach(async () => {
    queue.turns.length = 0;
    table = `surveys-${randomUUID().slice(0, 8)}`;
    copyOf = `${table}-copy`;
    await createTable(dynamodb, table);
    await createTable(dynamodb, copyOf);
    await fillTable(dynamodb, table, ITEMS, survey);
  });
  afterAll(async () => {
    await queue?.stop();
    await ground?.stop();
  });

  const control = () => new JobControl(dynamodb, JOBS, Date.now);

  const startOptions = (): StartJobOptions => ({
    dynamodb: withoutBackups(dynamodb),
    s3: ground.clients.s3,
    resultsBucket: BUCKET,
    changedTables: [table, copyOf],
    jobsTable: JOBS,
    initiator: { caller: "operator" },
    driver: () => ({ dispatch: async () => undefined }),
    clock: systemClock,
    continueLater: async () => undefined,
    mostWorkers: () => 4,
    hasWorkflow: false,
    expirationDays: 0,
    timeoutSeconds: 60,
  });

  /** Starts a job from a command line, with this test's names of tables and buckets. The test begins its work. */
  const start = async (line: string): Promise<Job> => {
    const words = line.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'(.*)'$/, "$1"));
    const start = addStartOptions(new Command()).allowUnknownOption().allowExcessArguments();
    const given = words.slice(words.indexOf("start") + 1);
    const known = given.filter((word, at) => !/^--(driver|yes|watch)$/.test(word) && given[at - 1] !== "--driver");
    const here = known.map((word) => word.replace(/^surveys/, table).replace("$BUCKET", BUCKET));
    const [operation, of] = start.parse(here, { from: "user" }).args;
    const { request } = startRequest(operation!, of!, start.opts<StartFlags>(), `job-${randomUUID().slice(0, 8)}`);
    const { job } = await startJob(request, "unused", startOptions());
    return control().read(job);
  };

  const python = async ({ id: job }: Job, more: Record<string, unknown> = {}) => {
    const { accessKeyId, secretAccessKey } = await dynamodb.config.credentials();
    return new PythonWorker({
      ...{ job, jobsTable: JOBS, dynamodb: endpoint, queue },
      more: { region: REGION, results_bucket: BUCKET, stretch_seconds: 10, ...more },
      environment: {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_ENDPOINT_URL_S3: endpoint,
      },
    });
  };

  const lambda = async (message: ChainTurn): Promise<void> => {
    const credentials = await dynamodb.config.credentials();
    await workTurns(message, {
      ...localWorkParts({ client: dynamodb, endpoint, stop: async () => undefined }, JOBS, []),
      clientConfig: { endpoint, region: REGION, credentials, maxAttempts: 1 },
      s3: ground.clients.s3,
      operations: withExport,
      resultsBucket: BUCKET,
    });
  };

  /** Works on a job by workers in Python. @returns its result, which a worker on Lambda makes */
  const worked = async (job: Job): Promise<WritingResult> => {
    const workers = await Promise.all([python(job, { slot: 0, slots: 2 }), python(job, { slot: 1, slots: 2 })]);
    const ends = await Promise.all(workers.map((worker) => worker.outcome()));
    expect(ends).toEqual([{ outcome: "ended" }, { outcome: "ended" }]);
    return ended(job);
  };
  const ended = async ({ id }: Job): Promise<WritingResult> => {
    await lambda({ job: id, chain: 0, turn: 0 });
    const { state, result } = await control().read(id);
    expect(state).toBe("completed");
    return result as WritingResult;
  };
  /** On a busy machine a request may time out and be sent again. Then it meets its own effect, which counts as `already`. */
  const outcomes = ({ outcomes: { updated, already, ...others } }: WritingResult) =>
    Object.fromEntries(Object.entries({ changed: updated + already, ...others }).filter(([, count]) => count > 0));

  const itemsOf = async (TableName: string): Promise<Record<string, Item>> => {
    const found: Record<string, Item> = {};
    for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName, ConsistentRead: true }))
      for (const item of Items) found[item.id!.S!] = item;
    return found;
  };
  const put = (item: Item) => dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
  const all = (change: (item: Item) => Item = (item) => item): Record<string, Item> =>
    Object.fromEntries(Array.from({ length: ITEMS }, (_, n) => [survey(n).id!.S!, change(survey(n))]));
  const keyed = (item: Item): Item => (item.Timestamp === undefined ? item : { ...item, GSISK: keyIn(item) });

  test("docs/glue.md: a composite key from an export", async () => {
    const exported = await start(recipe("before-composite-key"));
    await worked(exported);
    await put({ ...survey(1), Status: { S: "late" } });
    await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: "survey-2" } } }));
    const line = recipe("composite-key").replace("before-composite-key", exported.id);
    const result = await worked(await start(line));
    expect(outcomes(result)).toEqual({ changed: 269, skipped: 30, gone: 1 });
    const { "survey-2": _, ...expected } = all(keyed);
    const late = { ...survey(1), Status: { S: "late" } };
    expect(await itemsOf(table)).toEqual({ ...expected, "survey-1": keyed(late) });
    const again = await worked(await start(line.replace("--job-id composite-key", "--job-id again")));
    expect(outcomes(again)).toEqual({ changed: 269, skipped: 30, gone: 1 });
    expect(again.outcomes.updated).toBe(0);
  });

  test("docs/glue.md: reading and writing at a percentage", async () => {
    const job = await start(recipe("copy-by-spark"));
    // 40 % of the 12,000 RCU/s, and 60 % of the 4,000 WCU/s, that AWS promises a new table.
    expect(job.limits).toEqual([
      { direction: "read", table, limits: { table: 4_800 }, percentage: "40%" },
      { direction: "write", table: copyOf, limits: { table: 2_400 }, percentage: "60%" },
    ]);
    expect(outcomes(await worked(job))).toEqual({ changed: ITEMS });
    expect(await itemsOf(copyOf)).toEqual(all());
  });

  test("a dry run of a copy of what is absent looks into the target, and foresees the outcomes", async () => {
    for (const n of [1, 2, 3])
      await dynamodb.send(
        new PutItemCommand({ TableName: copyOf, Item: n === 3 ? { ...survey(n), a: { S: "" } } : survey(n) }),
      );
    const line = "start copy surveys --to surveys-copy --if-absent --read-rate 20000 --write-rate 20000";
    const dry = await start(`${line} --dry-run`);
    expect(dry.limits).toContainEqual({
      ...{ direction: "read", purpose: "lookup" },
      ...{ table: copyOf, limits: { table: 20_000 } },
    });
    const foreseen = await worked(dry);
    expect(foreseen.outcomes).toMatchObject({ updated: ITEMS - 3, already: 2, skipped: 1 });
    // DynamoDB Local reports no consumption for a key without an item.
    expect([foreseen.consumed.table, foreseen.lookupRcu]).toEqual([ITEMS, 3]);
    expect(Object.keys(await itemsOf(copyOf))).toHaveLength(3);
    const real = await worked(await start(line));
    expect(outcomes(real)).toEqual({ changed: ITEMS - 1, skipped: 1 });
    expect(real.consumed.table).toBeGreaterThanOrEqual(ITEMS);
  });

  const labelled = `--update '{"set":{"label":{"S":"${"x".repeat(1_000)}"}},"remove":["photo"]}'`;
  const full = (n: number): Item => ({ ...survey(n), text: { S: "x".repeat(409_000) } });

  test("their failures are redriven from the list, and their changes are undone", async () => {
    await put(full(7));
    const job = await start(`start update surveys ${labelled} --write-rate 20000 --keep-before --keep-items`);
    const result = await worked(job);
    expect(outcomes(result)).toEqual({ changed: ITEMS - 1, failed: 1 });
    const [failure] = await listed(result);
    expect(failure).toMatchObject({ key: { id: { S: "survey-7" } }, code: "ITEM_TOO_LARGE", attempts: 0 });
    await put(survey(7));
    const list = `keys:s3://${BUCKET}/${result.failureManifest!.key}`;
    const again = await start(`start update surveys ${labelled} --source ${list} --write-rate 20000 --keep-before`);
    expect(outcomes(await worked(again))).toEqual({ changed: 1 });
    await put({ ...survey(8), label: { S: "another" } });
    for (const { beforeManifest } of [result, (await control().read(again.id)).result as WritingResult]) {
      const records = `records:s3://${BUCKET}/${beforeManifest!.key}`;
      const undone = await ended(await start(`start undo surveys --source ${records} --write-rate 20000`));
      expect(undone.outcomes).toMatchObject({ gone: 0, skipped: 0, failed: 0 });
      // A page that a worker repeats has its records twice, so the number of conflicts depends on the machine.
      const conflicts = (await listed(undone)).map(({ key }) => (key as Item).id!.S);
      expect(new Set(conflicts)).toEqual(new Set(beforeManifest === result.beforeManifest ? ["survey-8"] : []));
    }
    expect(await itemsOf(table)).toEqual({ ...all(), "survey-8": { ...survey(8), label: { S: "another" } } });
  });

  const listed = async ({ failureManifest }: WritingResult): Promise<ListedFailure[]> => {
    if (failureManifest === undefined) return [];
    const { s3 } = ground.clients;
    const store = {
      s3,
      bucket: BUCKET,
      signal: new AbortController().signal,
      retry: <T>(call: () => Promise<T>) => call(),
    };
    const folder = failureManifest.key.replace("manifest.json", "");
    return readFailures(store, `${folder}0000000/0000000.jsonl.gz`);
  };

  const addition = `--update '{"add":{"count":{"N":"1"}},"marker":"addedBy"}'`;

  test("workers that are killed in the middle add to each item once", async () => {
    const job = await start(`start update surveys ${addition} --write-rate 60 --segments 8`);
    for (let kills = 0; kills < 2; kills++) {
      const worker = await python(job, { stretch_seconds: 3 });
      await worker.hasEnded(1);
      await worker.kill();
    }
    const { outcomes: found } = await worked(job);
    expect([found.updated + found.already, found.failed, found.conflict]).toEqual([ITEMS, 0, 0]);
    const addedBy = { S: job.id };
    expect(await itemsOf(table)).toEqual(all((item) => ({ ...item, count: { N: "1" }, addedBy })));
  });

  test("a Python worker and a worker on Lambda, on one job at once, add to each item once", async () => {
    const job = await start(`start update surveys ${addition} --write-rate 40 --segments 12`);
    const worker = await python(job);
    await worker.hasEnded(1);
    await lambda({ job: job.id, chain: 0, turn: 0 });
    expect((await worker.outcome()).outcome).toMatch(/^(ended|completed)$/);
    const owners = new Set<string>();
    for await (const { owner } of readUnits(dynamodb, JOBS, job.id, { ConsistentRead: true }))
      owners.add(owner!.split("/")[0]!);
    expect(owners).toEqual(new Set(["spark", "request"]));
    for (const turn of [...queue.turns]) await lambda(turn);
    const { state, result } = await control().read(job.id);
    expect([state, outcomes(result as WritingResult)]).toEqual(["completed", { changed: ITEMS }]);
    expect(await itemsOf(table)).toEqual(all((item) => ({ ...item, count: { N: "1" }, addedBy: { S: job.id } })));
  });

  test("too many failures pause the job", async () => {
    const job = await start(
      `start update surveys --update '{"set":{"key":"\${Missing}"},"missing":"fail"}' --write-rate 200 --max-failures 100`,
    );
    expect(await (await python(job)).outcome()).toMatchObject({ outcome: "paused" });
    expect((await control().read(job.id)).failures).toBeGreaterThan(100);
  });

  test("a dry run changes nothing and reports what a job would do", async () => {
    const result = await worked(await start(`start update surveys ${labelled} --write-rate 2000 --dry-run`));
    expect(outcomes(result)).toEqual({ changed: ITEMS });
    expect([result.dryRun, result.consumed, result.examples?.length]).toEqual([true, { table: 2 * ITEMS }, 20]);
    expect(await itemsOf(table)).toEqual(all());
  });
});

/** The end of an export is written here as well. */
const withExport = {
  ...writingOperations,
  named: (name: string) => (name === "export" ? (exportItems as never) : writingOperations.named(name)),
};

/** DynamoDB Local doesn't know the call; without an answer's fields a table has no backups. */
function withoutBackups(client: DynamoDBClient): DynamoDBClient {
  const send = async (command: { constructor: { name: string } }, ...rest: []) =>
    command.constructor.name === "DescribeContinuousBackupsCommand" ? {} : client.send(command as never, ...rest);
  return { send } as unknown as DynamoDBClient;
}
