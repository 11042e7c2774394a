/**
 * `npm run soak`: sends surveys through the local cloud while everything fails that can fail, and then accounts for each
 * of them.
 */
import { CliCommand } from "../cli/command";
import { runMain } from "../local/lifetime";
import { soakProgress } from "./progress";
import { render } from "./report";
import { runSoak } from "./runSoak";
import { checkSettings } from "./settings";
import { soak } from "./soak";

/** A short time-out of the function makes for a short visibility timeout (six times as long), which the killed wait out. */
const CONFIG = { ingestTimeoutSeconds: "5" };

interface Options {
  surveys: string;
  participants: string;
  seed: string;
  outage: string;
  timeLimit: string;
  json?: true;
}

runMain("soak", async () => {
  const { json, ...options } = new CliCommand("npm run soak --")
    .description("Sends surveys through the local cloud under faults of every kind and accounts for each of them.")
    .option("--surveys <number>", "messages to send, repeats and bad ones included", "10000")
    .option("--participants <number>", "participants they come from", "1000")
    .option("--seed <number>", "makes surveys and faults repeatable", "1")
    .option("--outage <seconds>", "length of DynamoDB's complete outage in the middle", "60")
    .option("--time-limit <minutes>", "when to give up waiting for the queue to drain", "20")
    .option("--json", "print one JSON document instead of text")
    .parse()
    .check()
    .opts<Options>();
  const settings = checkSettings({
    surveys: Number(options.surveys),
    participants: Number(options.participants),
    seed: Number(options.seed),
    outageSeconds: Number(options.outage),
    timeLimitMinutes: Number(options.timeLimit),
  });
  await soak({
    config: CONFIG,
    run: (cloud, now, interrupt) =>
      runSoak(cloud, settings, soakProgress(settings.surveys, process.stderr, now), interrupt),
    render,
    json,
  });
});
