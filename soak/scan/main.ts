/**
 * `npm run soak:scan`: exports a whole table on the local cloud while workers die and calls fail, and then accounts for each
 * item.
 */
import { Option } from "commander";
import { CliCommand } from "../../cli/command";
import { runMain } from "../../local/lifetime";
import { type ScanSoakDriver, scanSoakDrivers } from "../driver";
import { soak } from "../soak";
import { ScanProgress } from "./progress";
import { render } from "./report";
import { runScanSoak, SCAN_SOAK_CONFIG, SPARK_SOAK_CONFIG } from "./runScanSoak";
import { checkScanSettings } from "./settings";

interface Options {
  driver: ScanSoakDriver;
  items: string;
  segments: string;
  kills: string;
  seed: string;
  rcu: string;
  timeLimit: string;
  json?: true;
}

runMain("soak:scan", async () => {
  const { json, ...options } = new CliCommand("npm run soak:scan --")
    .description(
      "Exports a table with the scanner on the local cloud under faults and accounts for each item and page.",
    )
    .addOption(new Option("--driver <name>", "driver of the jobs").choices(scanSoakDrivers).default("queue"))
    .option("--items <number>", "items in the table", "100000")
    .option("--segments <number>", "segments of each job", "64")
    .option("--kills <number>", "worker functions, or executors, to kill", "200")
    .option("--seed <number>", "makes items and faults repeatable", "1")
    .option("--rcu <number>", "rate of the jobs in RCU/s", "400")
    .option("--time-limit <minutes>", "when to give up", "20")
    .option("--json", "print one JSON document instead of text")
    .parse()
    .check()
    .opts<Options>();
  const settings = checkScanSettings({
    driver: options.driver,
    items: Number(options.items),
    segments: Number(options.segments),
    kills: Number(options.kills),
    seed: Number(options.seed),
    rcu: Number(options.rcu),
    timeLimitMinutes: Number(options.timeLimit),
  });
  await soak({
    config: { ...SCAN_SOAK_CONFIG, ...(settings.driver === "spark" ? SPARK_SOAK_CONFIG : {}) },
    run: (cloud, now, interrupt) => runScanSoak(cloud, settings, new ScanProgress(process.stderr, now), interrupt),
    render,
    json,
  });
});
