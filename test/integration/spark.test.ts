/** Jobs of the spark driver on real Spark. Operators act on them, and runs meet trouble. Outcomes stay exact. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import {
  BatchStopJobRunCommand,
  GetJobRunCommand,
  GlueClient,
  type JobRun,
  paginateGetJobRuns,
} from "@aws-sdk/client-glue";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { RecordedEvent } from "../../local/events/eventBuses";
import { createTable, fillTable } from "../../local/fillTable";
import { killProcess } from "../../local/glue/runs/processes";
import type { Reading } from "../../local/metering/metering";
import { firstTurn } from "../../shared/engine/turns";
import { finalStates } from "../../shared/jobs/job";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { WritingResult } from "../../shared/operations/changeItems";
import { zipOf } from "../local/glue/zip";
import { describeWithPython } from "../support/gluePython";
import { ScannerGround } from "./scannerGround";
import { documentOf } from "./sluiceOn";

/** Each run starts Spark, which takes ten seconds and more. */
jest.setTimeout(400_000);
const WITHIN_MS = 240_000;

const READ = "orders";
const CHANGED = "archive";
const ITEMS = 750;
/** The user's operation in TypeScript, and its twin. */
const OPERATION = "examples/ownOperation/histogram";

const count = { operation: "count", table: READ, driver: "spark", segments: 12 } satisfies Partial<StartRequest>;
/** Takes about twenty seconds. */
const slowCount = { ...count, readRate: 4 } as const;

/** An update that sets an attribute of its own on each item, in about fifteen seconds. */
const updateOf = (attribute: string): StartRequest => ({
  ...{ operation: "update", table: CHANGED, driver: "spark", segments: 12, writeRate: 50 },
  update: { set: { [attribute]: { BOOL: true } } },
});

describeWithPython("the spark driver", () => {
  let ground: ScannerGround;
  let glue: GlueClient;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spark-twin-"));
    const glueExtraPyFiles = join(folder, "operations.zip");
    await writeFile(glueExtraPyFiles, zipOf("histogram.py", await readFile(`${OPERATION}.py`, "utf8")));
    ground = await ScannerGround.start({
      ...{ scannerTables: READ, backfillTables: CHANGED, glueWorkers: "3", glueStretchSeconds: "10" },
      ...{ scannerOperations: `histogram=./${OPERATION}.ts`, gluePythonOperations: "histogram=histogram:page" },
      glueExtraPyFiles,
      ...{ scannerTimeoutSeconds: "10", backfillTimeoutSeconds: "10" },
    });
    glue = new GlueClient(ground.cloud.client);
    for (const table of [READ, CHANGED]) {
      await createTable(ground.operator.dynamodb, table);
      await fillTable(ground.operator.dynamodb, table, ITEMS, (n) => ({
        id: { S: `order-${n}` },
        note: { S: "x".repeat(800) },
        amount: { N: String(n) },
      }));
    }
  });
  afterEach(() => ground.cloud.setFaults([]));
  afterAll(async () => {
    glue?.destroy();
    await ground?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const JobName = () => String(ground.cloud.state.outputs.glueJob);

  async function runOf(RunId = ""): Promise<JobRun> {
    return (await glue.send(new GetJobRunCommand({ JobName: JobName(), RunId }))).JobRun!;
  }

  /** The runs of a job, the newest first. */
  async function runsOf(id: string): Promise<JobRun[]> {
    const found: JobRun[] = [];
    for await (const { JobRuns = [] } of paginateGetJobRuns({ client: glue }, { JobName: JobName() })) {
      found.push(...JobRuns.filter(({ Arguments }) => Arguments?.["--job_id"] === id));
    }
    return found;
  }

  /** How the run of the job ended. */
  async function runEnd(id: string): Promise<string | undefined> {
    const { execution } = await ground.job(id);
    const run = await ground.until(
      () => runOf(execution),
      ({ CompletedOn }) => CompletedOn !== undefined,
      WITHIN_MS,
    );
    return `${run.JobRunState}${run.ErrorMessage === undefined ? "" : `: ${run.ErrorMessage}`}`;
  }

  /** Starts a job and waits until its tasks are in the middle of it. */
  async function underWay(request: StartRequest): Promise<string> {
    const id = await ground.begin(request);
    await ground.until(
      () => ground.progress(id),
      ({ counts }) => counts.items > ITEMS / 20,
      WITHIN_MS,
    );
    return id;
  }

  async function completed(id: string) {
    const job = await ground.end(id, WITHIN_MS);
    expect([job.state, job.reason]).toEqual(["completed", undefined]);
    return job.result;
  }

  /** Process ids of the executors of the runs under way. */
  async function executors(): Promise<number[]> {
    const { runs } = (await ground.cloud.administer("GET", "glue")) as { runs: { executors: number[] }[] };
    return runs.flatMap((run) => run.executors);
  }

  /** Items that have the attribute. */
  async function changed(attribute: string): Promise<number> {
    let number = 0;
    const table = { TableName: CHANGED, ConsistentRead: true };
    for await (const { Items = [] } of paginateScan({ client: ground.operator.dynamodb }, table)) {
      number += Items.filter((item) => item[attribute]?.BOOL).length;
    }
    return number;
  }

  /**
   * Every item is in one outcome. A page that the end of a stretch, a pause or a kill cut short is repeated, and meets its own
   * writes.
   */
  async function expectAllUpdated(id: string, attribute: string): Promise<void> {
    const { outcomes } = (await completed(id)) as WritingResult;
    expect(outcomes).toMatchObject({ skipped: 0, conflict: 0, gone: 0, failed: 0 });
    expect(outcomes.updated + outcomes.already).toBe(ITEMS);
    expect(await changed(attribute)).toBe(ITEMS);
  }

  /** Runs a command that must succeed. @returns its answer */
  async function command(...args: string[]) {
    return documentOf(await ground.sluice(...args, "--json"));
  }

  /**
   * Kinds of published ends. Each end is published at least once: several tasks may ask for it, and on a slow machine two
   * workers publish it.
   */
  const published = async (id: string) => [...new Set((await ground.ends(id)).map((event) => event["detail-type"]))];

  test("a command starts a user's own operation and watches it to its end: it runs as its twin in Python, and its own code in TypeScript makes the result", async () => {
    const params = JSON.stringify({ attribute: "amount", width: 250 });
    const options = ["--driver", "spark", "--read-rate", "2000", "--segments", "12", "--job-id", "whole", "--watch"];
    const { code, stdout } = await ground.sluice("start", "histogram", READ, "--params", params, ...options);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining("Job whole is completed: 750 items"),
    });
    const shown = await command("jobs", "show", "whole");
    expect(shown).toMatchObject({ driver: "spark", execution: expect.stringMatching(/^jr_/) });
    // The bill has the tasks' requests: at least a claim and a checkpoint for each unit.
    expect(shown.bill.usage.writeUnits).toBeGreaterThan(2 * 12);
    expect(await completed("whole")).toEqual({ "0": 250, "250": 250, "500": 250 });
    expect(await runEnd("whole")).toBe("SUCCEEDED");
    expect(await published("whole")).toEqual(["Job completed"]);
    expect(await ground.ask({ ...count, operation: "histogram", readRate: 5, params: {} })).toMatchObject({
      problems: ["params.attribute must name an attribute."],
    });
  });

  test("an update that is slowed, paused, resumed, shared with workers on Lambda and speeded up changes each item", async () => {
    await ground.cloud.administer("PUT", "metering");
    const id = await underWay(updateOf("seen"));
    await command("jobs", "rate", id, "--write-rate", "25");
    expect((await ground.job(id)).limits).toContainEqual(
      expect.objectContaining({ direction: "write", limits: { table: 25 } }),
    );
    expect(await command("jobs", "pause", id)).toMatchObject({ job: id, state: "paused" });
    expect(await runEnd(id)).toBe("SUCCEEDED");
    expect(await changed("seen")).toBeLessThan(ITEMS);
    const { execution } = await ground.job(id);
    const before = await ground.progress(id);
    await command("jobs", "resume", id);
    await ground.until(
      () => ground.progress(id),
      ({ counts }) => counts.items > before.counts.items,
      WITHIN_MS,
    );
    await beginChain(id);
    await ground.until(writers, (units) => units.length === 2, WITHIN_MS);
    await command("jobs", "rate", id, "--write-rate", "1000");
    await expectAllUpdated(id, "seen");
    expect(await runsOf(id)).toHaveLength(2);
    expect((await ground.job(id)).execution).not.toBe(execution);
    const units = await writers();
    await ground.cloud.administer("DELETE", "metering");
    expect(units).toHaveLength(2);
    expect(units.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(ITEMS);
  });

  /** Begins one chain of turns on Lambda, as the queue driver would. */
  async function beginChain(id: string): Promise<void> {
    const { epoch } = await ground.job(id);
    const turn = { job: id, chain: 1, turn: firstTurn(epoch) };
    const QueueUrl = String(ground.cloud.state.outputs.writingQueueUrl);
    await ground.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(turn), MessageGroupId: id }));
  }

  /** Write units of each of those that have written to the table since the metering began. */
  async function writers(): Promise<number[]> {
    const reading = (await ground.cloud.administer("GET", "metering")) as unknown as Reading;
    const writing = reading.consumption.filter(({ table, writeUnits }) => table === CHANGED && writeUnits > 0);
    return writing.map(({ writeUnits }) => writeUnits);
  }

  test("a job that is cancelled ends its run, and no task goes on", async () => {
    const id = await underWay(slowCount);
    expect(await command("jobs", "cancel", id)).toMatchObject({ state: "cancelled" });
    expect(await runEnd(id)).toBe("SUCCEEDED");
    const { counts } = await ground.progress(id);
    expect(counts.items).toBeLessThan(ITEMS);
  });

  test("executors that are killed, also during a write, and tasks that fail in the middle cost nothing but repeated pages", async () => {
    const jobs = { service: "dynamodb", resource: ground.operator.jobsTable, caller: "roles" };
    const write = { service: "dynamodb", action: "BatchExecuteStatement", caller: "roles" };
    const refuse = { kind: "error", code: "InternalServerError", status: 500 };
    const id = await underWay(updateOf("killed"));
    await ground.cloud.setFaults([
      { ...write, probability: 0.1, fault: { kind: "lost" } },
      { ...jobs, action: "UpdateItem", probability: 0.1, fault: refuse },
      { ...write, count: 2, probability: 0.2, fault: { kind: "killCaller", when: "after" } },
    ]);
    for (let kills = 0; kills < 2; kills++) {
      const [pid] = await ground.until(executors, (pids) => pids.length === 2, WITHIN_MS);
      killProcess(pid!);
      await ground.until(executors, (pids) => !pids.includes(pid!));
    }
    await expectAllUpdated(id, "killed");
    const { rules } = (await ground.cloud.administer("GET", "faults")) as { rules: { struck: number }[] };
    expect(rules.filter(({ struck }) => struck > 0)).toHaveLength(3);
    expect(await runEnd(id)).toBe("SUCCEEDED");
    expect(await runsOf(id)).toHaveLength(1);
  });

  test("a run that is stopped from outside leaves its job failed and resumable, even if events come late", async () => {
    const id = await underWay(slowCount);
    const { execution } = await ground.job(id);
    await glue.send(new BatchStopJobRunCommand({ JobName: JobName(), JobRunIds: [execution!] }));
    const reason = `Its Glue run ${execution} was stopped: Job run stopped.`;
    expect(await ground.end(id, WITHIN_MS)).toMatchObject({ state: "failed", reason });
    expect(await published(id)).toEqual(["Job failed"]);
    await command("jobs", "resume", id);
    await command("jobs", "rate", id, "--read-rate", "1000");
    // Glue publishes with best effort: late, and twice.
    const event = await endOfRun(execution!);
    await deliver(event);
    expect(finalStates).not.toContain((await ground.job(id)).state);
    expect(await completed(id)).toMatchObject({ items: ITEMS, scannedItems: ITEMS });
    await deliver(event);
    expect(await ground.job(id)).toMatchObject({ state: "completed" });
  });

  /** The event about a run, and the function that gets it. */
  async function endOfRun(jobRunId: string): Promise<RecordedEvent> {
    const { events } = (await ground.cloud.administer("GET", "events")) as unknown as { events: RecordedEvent[] };
    return events.find(({ event }) => event.detail.jobRunId === jobRunId)!;
  }

  /** Delivers the event once more. */
  async function deliver({ event, deliveries }: RecordedEvent): Promise<void> {
    const { FunctionError } = await ground.operator.lambda.send(
      new InvokeCommand({ FunctionName: deliveries[0]!.target, Payload: JSON.stringify(event) }),
    );
    expect(FunctionError).toBeUndefined();
  }
});
