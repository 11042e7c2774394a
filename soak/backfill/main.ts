/**
 * `npm run soak:backfill`: runs writing jobs on the local cloud while workers die, calls fail and others write, and then accounts for
 * each item.
 */
import { Option } from "commander";
import { CliCommand } from "../../cli/command";
import { runMain } from "../../local/lifetime";
import { type SoakDriver, soakDrivers } from "../driver";
import { ScanProgress } from "../scan/progress";
import { soak } from "../soak";
import { render } from "./report";
import { BACKFILL_SOAK_CONFIG, runBackfillSoak } from "./runBackfillSoak";
import { checkBackfillSettings } from "./settings";

interface Options {
  driver: SoakDriver;
  items: string;
  segments: string;
  kills: string;
  seed: string;
  rate: string;
  foreign: string;
  timeLimit: string;
  json?: true;
}

runMain("soak:backfill", async () => {
  const { json, ...options } = new CliCommand("npm run soak:backfill --")
    .description(
      "Updates, deletes and copies a table's items on the local cloud under faults and accounts for each item.",
    )
    .addOption(new Option("--driver <name>", "driver of the jobs").choices(soakDrivers).default("queue"))
    .option("--items <number>", "items in the table", "50000")
    .option("--segments <number>", "segments of each job that reads the table", "32")
    .option("--kills <number>", "worker functions to kill", "200")
    .option("--seed <number>", "makes items and faults repeatable", "1")
    .option("--rate <number>", "rate of each job in WCU/s", "500")
    .option("--foreign <number>", "writes per second by others", "60")
    .option("--time-limit <minutes>", "when to give up", "60")
    .option("--json", "print one JSON document instead of text")
    .parse()
    .check()
    .opts<Options>();
  const settings = checkBackfillSettings({
    driver: options.driver,
    items: Number(options.items),
    segments: Number(options.segments),
    kills: Number(options.kills),
    seed: Number(options.seed),
    rate: Number(options.rate),
    foreign: Number(options.foreign),
    timeLimitMinutes: Number(options.timeLimit),
  });
  await soak({
    config: BACKFILL_SOAK_CONFIG,
    run: (cloud, now, interrupt) => runBackfillSoak(cloud, settings, new ScanProgress(process.stderr, now), interrupt),
    render,
    json,
  });
});
