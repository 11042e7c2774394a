import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { estimateJob } from "../../../shared/cost/estimateJob";
import type { JobPlan } from "../../../shared/cost/jobPlan";
import { listPrices } from "../../../shared/cost/prices";
import { reading } from "../jobs/jobs";
import { type LambdaAnswer, LambdaApi, sluice, stackAt } from "../operatorStack";

const PLAN: JobPlan = {
  work: { operation: "count", table: "surveys" },
  filtered: false,
  consistentRead: false,
  items: 70_000,
  bytes: 70_000 * 1024,
  onePassRcu: 8_750,
  units: 16,
  limits: reading(100),
  capacity: { perSecond: 12_000, paidBy: "request" },
  workers: { memoryMegabytes: 256, timeoutSeconds: 60, maximumConcurrency: 16 },
  warnings: [],
};
const JOB = "count-20251122-101303-iiii";
const ANSWER = { job: JOB, state: "running", units: 16, limits: reading(100) };
const ARGUMENTS = ["count", "surveys", "--read-rate", "100"];
const REQUEST = { operation: "count", table: "surveys", readRate: 100, jobId: JOB };
const REFUSAL = { code: "INVALID_REQUEST", problems: ["table must exist.", "readRate must be given."] };

let api: LambdaApi | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});

interface Given {
  plan?: Partial<JobPlan>;
  estimate?: LambdaAnswer;
  start?: LambdaAnswer;
  /** Text of the file prices.json. */
  prices?: string;
}

async function run(command: string, args: string[], { plan = {}, prices, ...answers }: Given = {}) {
  const { estimate = { body: { plan: { ...PLAN, ...plan } } }, start = { body: ANSWER } } = answers;
  api = await LambdaApi.start(({ payload }) => ("estimate" in payload ? estimate : start));
  const root = await stackAt(api.endpoint);
  if (prices !== undefined) await writeFile(join(root, "prices.json"), prices);
  return sluice(root, [command, ...ARGUMENTS, ...args]);
}

const lines = (...all: string[]) => `${all.join("\n")}\n`;

describe("estimate", () => {
  test("asks for the plan, starts nothing, and prints the job's usage and cost", async () => {
    expect(await run("estimate", [])).toEqual({
      code: 0,
      stderr: "",
      stdout: lines(
        "Job       count over surveys at 100 RCU/s",
        "Capacity  8,875 RCU in 501 pages, 1.4 % more than one pass with full pages",
        "Duration  about 1 min 29 s",
        "Workers   1, waiting for capacity 74 % of their time",
        "",
        "PART        USES                               DOLLARS",
        "capacity    8,875 RCU                          $0.0011",
        "Lambda      4 invocations, 22.4 GB-seconds    $0.00030",
        "jobs table  246 WCU, 61 RCU                   $0.00016",
        "SQS         13 requests                     $0.0000052",
        "S3          0 puts, 0 gets                          $0",
        "events      1 event                         $0.0000010",
        "in all                                         $0.0016",
        "",
        "Driver queue: $0.0016, workflow: $0.0022; queue is cheaper.",
        "AWS's own export of the table would cost $0.0067, plus point-in-time recovery, which it needs.",
        "Prices of us-east-1, 2026-11, on demand, without free tiers; --prices <file> replaces them.",
      ),
    });
    expect(api?.invocations).toEqual([{ name: "jobs-start", payload: { estimate: REQUEST } }]);
  });

  test("of the spark driver has Glue's part, and the cost with each driver", async () => {
    const spark = { workers: 3, dpusPerWorker: 1, flex: false, timeoutMinutes: 2_880 };
    const { stdout } = await run("estimate", [], { plan: { driver: "spark", spark } });
    expect(stdout).toMatch(/^Glue +0\.09 DPU-hours +\$0\.0\d+$/m);
    expect(stdout).toMatch(/^Driver queue: \$0\.0016, workflow: \$0\.0022, spark: \$0\.0\d+; queue is cheapest\.$/m);
  });

  test("--json prints it as one document", async () => {
    const { code, stdout } = await run("estimate", ["--json"]);
    expect([code, JSON.parse(stdout)]).toEqual([0, JSON.parse(JSON.stringify(estimateJob(PLAN, listPrices)))]);
  });

  test("prints warnings and notes", async () => {
    const workers = { ...PLAN.workers, memoryMegabytes: 2_048 };
    const plan = {
      workers,
      warnings: ["Job other works on table surveys too."],
      work: { operation: "mine", table: "surveys" },
    };
    const { stdout } = await run("estimate", [], { plan });
    expect(stdout.split("\n").filter((line) => /^(Warning|mine)/.test(line))).toEqual([
      "Warning: Job other works on table surveys too.",
      expect.stringMatching(/^Warning: Waiting workers dominate the bill/),
      expect.stringMatching(/^mine is an operation of your own: it is estimated as a count/),
    ]);
  });

  test("--prices replaces prices; a part without a price is not priced", async () => {
    const prices =
      '{ "region": "eu-central-1", "prices": { "tableReads": { "value": 1000 }, "queueRequests": { "value": null } } }';
    const { code, stdout } = await run("estimate", ["--prices", "prices.json"], { prices });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^capacity +8,875 RCU +\$8\.88$/m);
    expect(stdout).toMatch(/^SQS +13 requests +not priced$/m);
    expect(stdout).toMatch(/^in all +without queueRequests: not priced +\$8\.94$/m);
    expect(stdout).toContain("Prices of eu-central-1, 2026-11,");
  });

  test("a refusal has every problem of a start, and ends with 1", async () => {
    const refused = await run("estimate", [], { estimate: { body: REFUSAL } });
    const stderr = "No estimate:\n  <table> must exist.\n  --read-rate must be given.\n";
    expect(refused).toEqual({ code: 1, stdout: "", stderr });
    await api?.stop();
    const { code, stdout } = await run("estimate", ["--json"], { estimate: { body: REFUSAL } });
    const problems = ["<table> must exist.", "--read-rate must be given."];
    const message = `No estimate: ${problems.join(" ")}`;
    expect([code, JSON.parse(stdout)]).toEqual([1, { error: { ...REFUSAL, problems, message } }]);
  });
});

describe.each(["estimate", "start"])("%s with a prices file", (command) => {
  test.each<[string, string | undefined, RegExp]>([
    ["that is not there", undefined, /^--prices must be a file with prices, but prices\.json does not exist\.\n$/],
    [
      "that is wrong",
      '{ "prices": { "tableRead": { "value": 1 } } }',
      /^Prices file prices\.json is wrong: tableRead is not a price[^\n]*\.\n$/,
    ],
  ])("%s ends with 2, before anything is asked", async (_, prices, sentence) => {
    const { code, stdout, stderr } = await run(
      command,
      ["--prices", "prices.json"],
      prices === undefined ? {} : { prices },
    );
    expect([code, stdout, api?.invocations]).toEqual([2, "", []]);
    expect(stderr).toMatch(sentence);
  });
});

describe("start", () => {
  const ESTIMATE = "Estimate: 8,875 RCU in about 1 min 29 s, with 1 worker.";
  const COST =
    "Cost: about $0.0016 (capacity $0.0011, Lambda $0.00030, jobs table $0.00016, SQS $0.0000052, events $0.0000010).";
  const STARTED = `Job ${JOB} is running: 16 units at 100 RCU/s.`;

  test("prints the estimate in three lines before it starts", async () => {
    const { code, stdout, stderr } = await run("start", []);
    const compared = "AWS's own export of the table would cost $0.0067, plus point-in-time recovery, which it needs.";
    const hint = `To watch it: npm run sluice -- jobs watch ${JOB}`;
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: lines(ESTIMATE, COST, compared, STARTED, hint),
      stderr: "",
    });
    expect(api?.invocations.map(({ payload }) => payload)).toEqual([{ estimate: REQUEST }, REQUEST]);
  });

  test("prints a warning instead of the comparison", async () => {
    const { stdout } = await run("start", [], { plan: { capacity: { perSecond: 50, paidBy: "request" } } });
    expect(stdout.split("\n")[2]).toMatch(/^Warning: The rate is above what the table or index serves now, 50 RCU\/s/);
  });

  test("prints the warnings of the start function once, with its answer", async () => {
    const warnings = ["Job other works on table surveys too."];
    const { stdout, stderr } = await run("start", [], { plan: { warnings }, start: { body: { ...ANSWER, warnings } } });
    expect([stdout.includes("Warning"), stderr]).toEqual([false, `Warning: ${warnings[0]}\n`]);
  });

  test("--json has the estimate in its document", async () => {
    const { stdout } = await run("start", ["--json"]);
    expect(JSON.parse(stdout)).toEqual({
      ...ANSWER,
      estimate: JSON.parse(JSON.stringify(estimateJob(PLAN, listPrices))),
    });
  });

  test.each<[string, LambdaAnswer]>([
    ["is refused, because the function is too old for estimates", { body: REFUSAL }],
    ["fails", { body: { errorMessage: "out of time" }, headers: { "x-amz-function-error": "Unhandled" } }],
    ["is of another form", { body: { plan: {} } }],
  ])("goes on if the estimate %s", async (_, estimate) => {
    const { code, stdout, stderr } = await run("start", [], { estimate });
    expect([code, stdout.split("\n")[0], stderr]).toEqual([0, STARTED, ""]);
  });

  test("goes on if no price is known", async () => {
    const prices = JSON.stringify({
      prices: Object.fromEntries(Object.keys(listPrices.prices).map((name) => [name, { value: null }])),
    });
    const { code, stdout } = await run("start", ["--prices", "prices.json"], { prices });
    expect([code, stdout.split("\n")[1]]).toEqual([
      0,
      "Cost: about $0 (capacity not priced, Lambda not priced, jobs table not priced, SQS not priced, events not priced).",
    ]);
  });
});
