/** `logs`: the log lines of the stack's functions. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { isTransient } from "../../shared/aws/transient";
import { awsSentence } from "../awsError";
import { checkUsage } from "../command";
import { interrupted } from "../errors";
import { complain } from "../io";
import { jobId } from "../jobId";
import { checkedOutput, clientOf } from "../outputClients";
import type { Attach, Session } from "../session";
import { whole } from "../text/format";
import { timestamp } from "../text/json";
import { wholeNumber } from "../wholeNumber";
import { followLines } from "./followLines";
import { type LinesQuery, readLines } from "./readLines";
import { documentOf, renderLine } from "./renderLine";

const LogGroups = v.object({ region: v.string(), groups: v.record(v.string(), v.string()) });

const HOUR_MS = 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS };
/** Lines unless --limit says otherwise; with --follow there is no limit. */
const MOST_LINES = 1_000;

const HELP = `
Prints the lines of all functions and of Glue's tasks, the oldest first, except
lines that publish metrics. CloudWatch shows a line some seconds after it was
written. --follow goes on until Ctrl-C.

Examples:
  logs --since 15m
  logs --job update-20251122-101303-k3xq --follow`;

interface LogsFlags {
  readonly job?: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly limit?: number;
}

export function addLogsCommand(program: Command, attach: Attach): void {
  const logs = program.command("logs").description("Show the log lines of the stack's functions.");
  logs
    .option("--job <id>", "only lines that name this job", jobId)
    .option(
      "--since <time>",
      "a time such as 2025-11-22T10:00Z, or how long ago: 30s, 15m, 2h, 3d; default: 1h, or the job's start",
      checkedSince,
    )
    .option("--limit <n>", `most lines to show; default: ${MOST_LINES}, with --follow all`, wholeNumber())
    .option("--follow", "then show new lines as they come");
  attach<LogsFlags>(logs.addHelpText("after", HELP), showLogs);
}

/** @returns 0; with --follow also after Ctrl-C */
async function showLogs(session: Session, _args: string[], { job, follow = false, since, limit }: LogsFlags) {
  const { clock } = session.io;
  const given = since === undefined ? undefined : timeOf(since, clock.now());
  await session.read(() => checkUsage(timeProblems(given, clock.now(), since)));
  const [output, stack] = await session.output("logs");
  const { region, groups } = checkedOutput(LogGroups, output.value, { name: "logs", stack });
  const logs = clientOf(CloudWatchLogsClient, output, region);
  try {
    const from = given ?? (await defaultSince(session, job));
    const signal = session.interruptible();
    const trouble = (sentence: string) => complain(session.io, `${sentence} Trying again …`);
    const query = { logs: reporting(logs, trouble), groups, since: from, job, signal };
    const most = limit ?? (follow ? Number.POSITIVE_INFINITY : MOST_LINES);
    const listing = session.list("lines");
    let [count, more] = [0, false];
    for await (const line of follow ? followLines(query, clock) : readLines(query)) {
      more = count === most;
      if (more) break;
      count++;
      listing.add(documentOf(line), renderLine(line));
    }
    if (signal.aborted && !follow) throw interrupted("Interrupted: some lines are missing.");
    const rest = more ? `More than ${whole(most)} lines: choose a later --since or a higher --limit.` : undefined;
    listing.end(
      { since: timestamp(from), more },
      rest ?? (count === 0 ? `No lines since ${timestamp(from)}.` : undefined),
    );
    return 0;
  } finally {
    logs.destroy();
  }
}

/** Reports the first failed call of an outage, because the calls are repeated for a while. */
function reporting(logs: CloudWatchLogsClient, trouble: (sentence: string) => void): LinesQuery["logs"] {
  let isDown = false;
  const send = async (...args: Parameters<LinesQuery["logs"]["send"]>) => {
    try {
      const answer = await logs.send(...args);
      isDown = false;
      return answer;
    } catch (error) {
      const sentence = isTransient(error) && !isDown ? awsSentence(error) : undefined;
      isDown ||= sentence !== undefined;
      if (sentence !== undefined) trouble(sentence);
      throw error;
    }
  };
  return { send } as LinesQuery["logs"];
}

async function defaultSince(session: Session, job: string | undefined): Promise<number> {
  if (job === undefined) return session.io.clock.now() - HOUR_MS;
  return (await (await session.operator()).control.read(job)).createdAt;
}

function checkedSince(text: string): string {
  if (!Number.isNaN(timeOf(text, 0))) return text;
  throw new InvalidArgumentError("must be a time such as 2025-11-22T10:00Z, or how long ago: 30s, 15m, 2h, 3d");
}

function timeProblems(given: number | undefined, now: number, text: string | undefined): string[] {
  if (given === undefined || (given >= 0 && given <= now)) return [];
  return [`--since must be ${given < 0 ? "after 1970" : "in the past"}, got ${text}.`];
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Milliseconds since the epoch; NaN if the text is no time. */
function timeOf(text: string, now: number): number {
  const [, amount, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return now - Number(amount) * UNITS_MS[unit]!;
  const day = MOMENT.exec(text)?.[1];
  // Date.parse takes February 30 for March 2.
  const isDay = day !== undefined && new Date(Date.parse(day) || 0).toISOString().startsWith(day);
  return isDay ? Date.parse(text) : Number.NaN;
}
