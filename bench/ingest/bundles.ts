import { execFile, fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle } from "../../shared/infra/bundle";
import { median } from "./median";

const LOADS = 31;
const LOAD = "const t = performance.now(); await import(process.argv[1]); console.error(performance.now() - t)";
/** A handler reads its environment while it loads. */
const ENVIRONMENT = {
  ...{ RAW_BUCKET: "r", QUARANTINE_BUCKET: "q", RESULTS_TABLE: "t", SUBMISSIONS_TABLE: "s", QUEUE_URL: "http://q" },
  ...{ MIN_SECONDS: "3", REQUIRE_FREETEXT: "true", ANSWER_MIN: "1", ANSWER_MAX: "5", RECORD_CONCURRENCY: "10" },
  ...{
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "A",
    AWS_SECRET_ACCESS_KEY: "s",
    POWERTOOLS_METRICS_NAMESPACE: "Sluice",
  },
};

export interface BundleFigures {
  /** Size of the store handler's bundle, in kB of 1,000 bytes. */
  kilobytes: number;
  /** Of the minimal handler, bundled in the same way. */
  minimalKilobytes: number;
  /** Milliseconds from import to loaded in a fresh process, medians. */
  loadMs: number;
  minimalLoadMs: number;
  /** The median of the ratios, pair by pair. */
  loadRatio: number;
}

/** Size and load time of the store handler's bundle against a minimal handler's, bundled in the same way. */
export async function measureBundles(): Promise<BundleFigures> {
  return inFolder(async (folder) => {
    const [store, minimal] = [join(folder, "store.mjs"), join(folder, "minimal.mjs")];
    const code = await bundle("services/ingest/handlers/store.ts");
    const minimalCode = await bundle("bench/ingest/minimalHandler.ts");
    await writeFile(store, code);
    await writeFile(minimal, minimalCode);
    const pairs: [number, number][] = [];
    for (let load = 0; load <= LOADS; load++) {
      const pair: [number, number] = [await loadMs(store), await loadMs(minimal)];
      if (load > 0) pairs.push(pair);
    }
    return {
      kilobytes: Buffer.byteLength(code) / 1000,
      minimalKilobytes: Buffer.byteLength(minimalCode) / 1000,
      loadMs: median(pairs.map(([ours]) => ours)),
      minimalLoadMs: median(pairs.map(([, theirs]) => theirs)),
      loadRatio: median(pairs.map(([ours, theirs]) => ours / theirs)),
    };
  });
}

export interface BatchFigures {
  /** CPU of a batch of ten records through the whole handler, and of the same logic called bare; microseconds. */
  handlerMicros: number;
  bareMicros: number;
  /** The median of the ratios, chunk by chunk. */
  ratio: number;
}

/** CPU of the middy handler against its logic, with AWS calls that answer at once. */
export async function measureBatches(): Promise<BatchFigures> {
  return inFolder(async (folder) => {
    const file = join(folder, "batch.mjs");
    await writeFile(file, await bundle("bench/ingest/batchEntry.ts"));
    const child = fork(file, { env: ENVIRONMENT, execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const { full, bare } = await new Promise<{ full: number[]; bare: number[] }>((resolve, reject) => {
      child.once("message", (message) => resolve(message as { full: number[]; bare: number[] }));
      child.once("exit", (code) => reject(new Error(`the batch process ended with ${code}`)));
    });
    child.disconnect();
    const ratios = full.map((micros, index) => micros / (bare[index] as number));
    return { handlerMicros: median(full), bareMicros: median(bare), ratio: median(ratios) };
  });
}

async function loadMs(file: string): Promise<number> {
  const args = ["--input-type=module", "-e", LOAD, file];
  const { stderr } = await promisify(execFile)(process.execPath, args, { env: ENVIRONMENT });
  return Number(stderr);
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-bench-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
