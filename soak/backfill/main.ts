/**
 * `npm run soak:backfill`: runs writing jobs on the local cloud while workers die, calls fail and others write, and then accounts for
 * each item.
 */
import { Option } from "commander";
import { CliCommand } from "../../cli/command";
import { wholeNumber } from "../../cli/wholeNumber";
import { runMain } from "../../local/lifetime";
import { soakDrivers } from "../driver";
import { ScanProgress } from "../scan/progress";
import { LARGEST_SEED, MOST_MINUTES } from "../settings";
import { soak } from "../soak";
import { render } from "./report";
import { BACKFILL_SOAK_CONFIG, runBackfillSoak } from "./runBackfillSoak";
import type { BackfillSoakSettings } from "./settings";

type Options = Omit<BackfillSoakSettings, "timeLimitMinutes"> & { readonly timeLimit: number; readonly json?: true };

runMain("soak:backfill", async () => {
  const {
    json,
    timeLimit: timeLimitMinutes,
    ...options
  } = new CliCommand("npm run soak:backfill --")
    .description("Update, delete and copy a table's items on the local cloud under faults, and account for each item.")
    .addOption(new Option("--driver <name>", "driver of the jobs").choices(soakDrivers).default("queue"))
    .option("--items <number>", "items in the table", wholeNumber(1_000_000, 100), 50_000)
    .option("--segments <number>", "segments of each job that reads the table", wholeNumber(1_000), 32)
    .option("--kills <number>", "worker functions to kill", wholeNumber(10_000, 0), 200)
    .option("--seed <number>", "makes items and faults repeatable", wholeNumber(LARGEST_SEED, 0), 1)
    .option("--rate <number>", "rate of each job in WCU/s", wholeNumber(4_000, 10), 500)
    .option("--foreign <number>", "writes per second by others", wholeNumber(1_000), 60)
    .option("--time-limit <minutes>", "when to give up", wholeNumber(MOST_MINUTES), 60)
    .option("--json", "print one JSON document instead of text")
    .parse()
    .check()
    .opts<Options>();
  const settings = { ...options, timeLimitMinutes };
  await soak({
    config: BACKFILL_SOAK_CONFIG,
    run: (cloud, now, interrupt) => runBackfillSoak(cloud, settings, new ScanProgress(process.stderr, now), interrupt),
    render,
    json,
  });
});
