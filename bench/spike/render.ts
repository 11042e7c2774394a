import { plainTable } from "../plainTable";
import { duration } from "./duration";
import { LIMITS } from "./limits";
import type { Report } from "./report";
import type { Spike } from "./spike";

/** The report as text for people. */
export function renderSpikes(report: Report): string {
  const { stack, concurrency, settings, assumed, perParticipant, spikes } = report;
  const remarks = spikes.flatMap(({ submissions, safety }) =>
    safety.remarks.map(({ danger, text }) => `${danger ? "! " : "  "}${whole(submissions)}: ${text}`),
  );
  const sources = [...new Set(Object.values(LIMITS).map(({ title, address }) => `  ${title}: ${address}`))];
  return [
    `Stack ${stack}: batches of ${settings.batchSize}, ${concurrency} at once; the queue keeps ${settings.queueRetentionDays} days; ${settings.billing} tables.`,
    `Assumed: ${assumed.secondsPerSubmission} s for S3 and DynamoDB, items of ${assumed.itemBytes} bytes. One participant alone: ${whole(perParticipant)}/s.`,
    "",
    "The most that each stage lets through:",
    stageTable(report),
    "Submissions in one minute:",
    spikeTable(spikes),
    ...spikes.map(heldBack),
    ...remarks,
    remarks.some((line) => line.startsWith("!"))
      ? "! Something could be lost: see above."
      : "Nothing is lost at any of these sizes: no submission waits longer than the queue keeps it.",
    `Cost: list prices of ${report.prices.region}, ${report.prices.asOf}, without free tiers. --json has every limit and price with its source.`,
    "Limits:",
    ...sources,
  ].join("\n");
}

function stageTable({ stages }: Report): string {
  const table = plainTable(["stage", "at first", "in the end", "whose limit"]);
  for (const { name, ours, atFirst, inTheEnd } of stages) {
    table.push([name, rate(atFirst), rate(inTheEnd), ours ? "our setting" : "AWS"]);
  }
  return table.toString();
}

function spikeTable(spikes: readonly Spike[]): string {
  const table = plainTable(["", ...spikes.map(({ submissions }) => whole(submissions))]);
  const row = (name: string, cell: (one: Spike) => string) => table.push([name, ...spikes.map(cell)]);
  row("sent", ({ sentPerSecond }) => rate(sentPerSecond));
  row("saturates first", ({ first }) => first);
  row("most waiting", ({ drain }) => whole(drain.backlog));
  row("all stored after", ({ drain }) => duration(drain.seconds));
  row("highest age in the queue", ({ safety }) => duration(safety.highestAgeSeconds));
  row("could be slower by a factor of", ({ safety }) => whole(safety.margin));
  row("cost", ({ cost }) => dollars(cost.total));
  for (const part of ["sqs", "lambda", "s3", "dynamodb", "logs"] as const) {
    row(`  of it ${part}`, ({ cost }) => dollars(cost[part]));
  }
  row("raw bodies kept, a month", ({ cost }) => dollars(cost.keptAMonth));
  return table.toString();
}

function heldBack({ submissions, drain }: Spike): string {
  const stages = drain.heldBackBy.map(({ stage, seconds }) => `${stage} for ${duration(seconds)}`);
  return `  ${whole(submissions)}: ${stages.length > 0 ? `held back by ${stages.join(", then ")}` : "stored as they come"}.`;
}

function rate(perSecond: number | null): string {
  return perSecond === null ? "no limit" : `${perSecond < 100 ? perSecond.toFixed(1) : whole(perSecond)}/s`;
}

function dollars(amount: number): string {
  return amount < 0.01 ? "< $0.01" : `$${amount.toFixed(2)}`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}
