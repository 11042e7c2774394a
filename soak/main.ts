/**
 * `npm run soak`: sends surveys through the local cloud while everything fails that can fail, and then accounts for each
 * of them.
 */
import { CliCommand } from "../cli/command";
import { wholeNumber } from "../cli/wholeNumber";
import { runMain } from "../local/lifetime";
import { soakProgress } from "./progress";
import { render } from "./report";
import { runSoak } from "./runSoak";
import { LARGEST_SEED, MOST_MINUTES, type SoakSettings } from "./settings";
import { soak } from "./soak";

/** A short time-out of the function makes for a short visibility timeout (six times as long), which the killed wait out. */
const CONFIG = { ingestTimeoutSeconds: "5" };

type Options = Omit<SoakSettings, "outageSeconds" | "timeLimitMinutes"> & {
  readonly outage: number;
  readonly timeLimit: number;
  readonly json?: true;
};

runMain("soak", async () => {
  const {
    json,
    outage: outageSeconds,
    timeLimit: timeLimitMinutes,
    ...numbers
  } = new CliCommand("npm run soak --")
    .description("Send surveys through the local cloud under faults of every kind, and account for each survey.")
    .option("--surveys <number>", "messages to send, repeats and bad ones included", wholeNumber(1_000_000, 10), 10_000)
    .option("--participants <number>", "participants that they come from", wholeNumber(100_000), 1_000)
    .option("--seed <number>", "makes surveys and faults repeatable", wholeNumber(LARGEST_SEED, 0), 1)
    .option("--outage <seconds>", "length of DynamoDB's complete outage in the middle", wholeNumber(3_600, 0), 60)
    .option("--time-limit <minutes>", "when to give up waiting for the queue to drain", wholeNumber(MOST_MINUTES), 20)
    .option("--json", "print one JSON document instead of text")
    .parse()
    .check()
    .opts<Options>();
  const settings = { ...numbers, outageSeconds, timeLimitMinutes };
  await soak({
    config: CONFIG,
    run: (cloud, now, interrupt) =>
      runSoak(cloud, settings, soakProgress(settings.surveys, process.stderr, now), interrupt),
    render,
    json,
  });
});
