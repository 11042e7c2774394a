/**
 * `npm run soak:scan`: exports a whole table on the local cloud while workers die and calls fail, and then accounts for each
 * item.
 */
import { Option } from "commander";
import { CliCommand } from "../../cli/command";
import { wholeNumber } from "../../cli/wholeNumber";
import { runMain } from "../../local/lifetime";
import { scanSoakDrivers } from "../driver";
import { LARGEST_SEED, MOST_MINUTES } from "../settings";
import { soak } from "../soak";
import { ScanProgress } from "./progress";
import { render } from "./report";
import { runScanSoak, SCAN_SOAK_CONFIG, SPARK_SOAK_CONFIG } from "./runScanSoak";
import type { ScanSoakSettings } from "./settings";

type Options = Omit<ScanSoakSettings, "timeLimitMinutes"> & { readonly timeLimit: number; readonly json?: true };

runMain("soak:scan", async () => {
  const {
    json,
    timeLimit: timeLimitMinutes,
    ...options
  } = new CliCommand("npm run soak:scan --")
    .description("Export a table with the scanner on the local cloud under faults, and account for each item and page.")
    .addOption(new Option("--driver <name>", "driver of the jobs").choices(scanSoakDrivers).default("queue"))
    .option("--items <number>", "items in the table", wholeNumber(10_000_000, 100), 100_000)
    .option("--segments <number>", "segments of each job", wholeNumber(10_000), 64)
    .option("--kills <number>", "worker functions, or executors, to kill", wholeNumber(10_000, 0), 200)
    .option("--seed <number>", "makes items and faults repeatable", wholeNumber(LARGEST_SEED, 0), 1)
    .option("--rcu <number>", "rate of the jobs in RCU/s", wholeNumber(20_000, 10), 400)
    .option("--time-limit <minutes>", "when to give up", wholeNumber(MOST_MINUTES), 20)
    .option("--json", "print one JSON document instead of text")
    .parse()
    .check()
    .opts<Options>();
  const settings = { ...options, timeLimitMinutes };
  await soak({
    config: { ...SCAN_SOAK_CONFIG, ...(settings.driver === "spark" ? SPARK_SOAK_CONFIG : {}) },
    run: (cloud, now, interrupt) => runScanSoak(cloud, settings, new ScanProgress(process.stderr, now), interrupt),
    render,
    json,
  });
});
