import { execFile, fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { temporaryFolder } from "../../local/temporaryFolder";
import { bundle } from "../../shared/infra/bundle";
import { median } from "../median";

const LOADS = 31;
const LOAD = "const t = performance.now(); await import(process.argv[1]); console.error(performance.now() - t)";
/** A handler reads its environment while it loads. */
const ENVIRONMENT = {
  ...{ RAW_BUCKET: "r", QUARANTINE_BUCKET: "q", RESULTS_TABLE: "t", SUBMISSIONS_TABLE: "s", QUEUE_URL: "http://q" },
  ...{ MIN_SECONDS: "3", REQUIRE_FREETEXT: "true", ANSWER_MIN: "1", ANSWER_MAX: "5", MIN_ANSWERS: "1" },
  ...{ RECORD_CONCURRENCY: "10", TIMEOUT_SECONDS: "30" },
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
  /** Milliseconds from import to loaded in a fresh process, the median. */
  loadMs: number;
  /** The minimal handler as one writes and bundles it by hand: esbuild, minified, ES modules. */
  handWritten: Yardstick;
  /** The minimal handler through our bundler, which leaves the credential chain out. */
  sameBundler: Yardstick;
}

interface Yardstick {
  kilobytes: number;
  loadMs: number;
  /** Load time of the store handler by this one's, the median of the pairs. */
  ratio: number;
}

/**
 * Size and load time of the store handler's bundle against a minimal handler's.
 * @param count of loads of each, 1 or more; one more before them doesn't count
 */
export async function measureBundles(count = LOADS): Promise<BundleFigures> {
  return inFolder(async (folder) => {
    const codes = {
      store: await bundle("services/ingest/handlers/store.ts"),
      handWritten: await bundleByHand(join(__dirname, "minimalHandler.ts")),
      sameBundler: await bundle("bench/ingest/minimalHandler.ts"),
    };
    for (const [name, code] of Object.entries(codes)) await writeFile(join(folder, `${name}.mjs`), code);
    const loads: Record<keyof typeof codes, number>[] = [];
    for (let load = 0; load <= count; load++) {
      const round = { store: 0, handWritten: 0, sameBundler: 0 };
      for (const name of ["store", "handWritten", "sameBundler"] as const) {
        round[name] = await loadMs(join(folder, `${name}.mjs`));
      }
      if (load > 0) loads.push(round);
    }
    const yardstick = (name: "handWritten" | "sameBundler"): Yardstick => ({
      kilobytes: Buffer.byteLength(codes[name]) / 1000,
      loadMs: median(loads.map((round) => round[name])),
      ratio: median(loads.map((round) => round.store / round[name])),
    });
    return {
      kilobytes: Buffer.byteLength(codes.store) / 1000,
      loadMs: median(loads.map(({ store }) => store)),
      handWritten: yardstick("handWritten"),
      sameBundler: yardstick("sameBundler"),
    };
  });
}

/** The bundle that results without attention to credentials, with the settings that otherwise make the smallest bundle. */
async function bundleByHand(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    ...{ bundle: true, write: false, minify: true, platform: "node", target: "node24", format: "esm" },
    mainFields: ["module", "main"],
    banner: { js: 'import{createRequire as byHand}from"node:module";const require=byHand(import.meta.url);' },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
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
  const { path: folder, remove } = temporaryFolder("sluice-bench-");
  try {
    return await work(folder);
  } finally {
    remove();
  }
}
