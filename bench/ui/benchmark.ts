/** The page: its size, and how long its first view takes with 10,000 jobs in the list. */
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { operatorOf } from "../../cli/operator";
import { ChildCloud } from "../../local/childCloud";
import { systemClock } from "../../shared/clock";
import { jobKey, listKey, toAttributes } from "../../shared/jobs/storage/jobsTable";
import { launchBrowser } from "../../test/support/browser";
import { type ServedPage, servePage } from "../../test/support/page";
import type { Benchmark } from "../benchmark";
import { median } from "../median";

const JOBS = 10_000;
const LANES = 16;
const RUNS = 9;
const VIEWS_MS = 1_000;
const KILOBYTES = 100;

interface Report {
  jobs: number;
  /** From the request for the page until its list has rows, milliseconds, in the order of the runs. */
  firstViewMs: number[];
  medianMs: number;
  /** Page, script, styles and icon, compressed. */
  bytes: number;
  /** The promised bounds. */
  limits: { milliseconds: number; bytes: number };
}

export const benchmark: Benchmark<Report> = {
  summary: "Measure the operator's page: its size, and its first view with 10,000 jobs in the list.",
  async run(_options, progress) {
    progress("starting the local cloud …");
    const cloud = await ChildCloud.start();
    let served: ServedPage | undefined;
    try {
      progress(`writing ${JOBS} jobs …`);
      await writeJobs(cloud);
      served = await servePage(cloud.state);
      const firstViewMs = await firstViews(served.address, progress);
      const limits = { milliseconds: VIEWS_MS, bytes: 1000 * KILOBYTES };
      return { jobs: JOBS, firstViewMs, medianMs: median(firstViewMs), bytes: await pageBytes(served.address), limits };
    } finally {
      await served?.close();
      await cloud.stop();
    }
  },
  render({ jobs, firstViewMs, medianMs, bytes }) {
    const runs = firstViewMs.map(Math.round).join(", ");
    return [
      `First view with ${jobs} jobs: median ${Math.round(medianMs)} ms of ${VIEWS_MS} allowed (runs: ${runs}).`,
      `Page, script and styles: ${(bytes / 1000).toFixed(1)} kB gzipped of ${KILOBYTES} allowed.`,
    ].join("\n");
  },
};

async function writeJobs(cloud: ChildCloud): Promise<void> {
  const operator = operatorOf({ value: cloud.state.outputs.operator, ...cloud.client }, "local", systemClock);
  const now = Date.now();
  const write = async (n: number) => {
    const createdAt = now - 60_000 * n;
    const id = `count-${String(n).padStart(5, "0")}`;
    const limits = [{ direction: "read", table: "surveys", limits: { table: 100 } }];
    const counts = { units: 40, unitsDone: 40, unitsFailed: 0, epoch: 0, claimed: 40, chains: 2 };
    const head = { id, work: { operation: "count", table: "surveys" }, state: "completed", ...counts, limits };
    const sizes = { estimatedItems: 20_000, estimatedBytes: 8_000_000, createdAt, endedAt: createdAt + 30_000 };
    const records = [
      { ...jobKey(id), ...toAttributes({ ...head, ...sizes }) },
      { ...listKey(id, createdAt), ...toAttributes({ id }) },
    ];
    for (const Item of records) {
      await operator.dynamodb.send(new PutItemCommand({ TableName: operator.jobsTable, Item }));
    }
  };
  const lane = async (from: number) => {
    for (let n = from; n < JOBS; n += LANES) await write(n);
  };
  await Promise.all(Array.from({ length: LANES }, (_, from) => lane(from)));
  operator.close();
}

async function firstViews(address: string, progress: (line: string) => void): Promise<number[]> {
  const browser = await launchBrowser();
  try {
    const took: number[] = [];
    // The first run starts the browser's processes.
    for (let run = 0; run <= RUNS; run++) {
      progress(`first view, run ${run} of ${RUNS}`);
      const context = await browser.newContext();
      const page = await context.newPage();
      const from = performance.now();
      await page.goto(address, { waitUntil: "commit" });
      await page.locator("table.jobs tbody tr").first().waitFor();
      if (run > 0) took.push(performance.now() - from);
      await context.close();
    }
    return took;
  } finally {
    await browser.close();
  }
}

async function pageBytes(address: string): Promise<number> {
  const headers = { "accept-encoding": "gzip" };
  const paths = ["/", "/main.js", "/main.css", "/icon.svg"];
  const sizes = paths.map(async (path) => {
    const response = await fetch(new URL(path, address), { headers });
    return Number(response.headers.get("content-length")) || (await response.arrayBuffer()).byteLength;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size);
}
