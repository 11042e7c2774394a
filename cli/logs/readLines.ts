/** Log lines of several groups, in the order of their times. */
import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { retryTransient } from "../../shared/aws/transient";

export interface LogLine {
  /** What the line comes from, as the stack's output `logs` names it. */
  readonly from: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
  readonly eventId: string;
}

export interface LinesQuery {
  readonly logs: Pick<CloudWatchLogsClient, "send">;
  /** Log groups by the name of what writes to them. */
  readonly groups: Readonly<Record<string, string>>;
  /** The first time, milliseconds since the epoch. */
  readonly since: number;
  /** Only lines that name this job. */
  readonly job?: string | undefined;
  readonly signal: AbortSignal;
}

/** How long a call that fails for a transient reason is repeated, milliseconds. */
const RETRY_MS = 60_000;

/** Merges the groups, without the lines that publish metrics. A page of each is in memory. */
export async function* readLines(query: LinesQuery): AsyncGenerator<LogLine> {
  const sources = Object.entries(query.groups).map(([from, group]) => linesOf(from, group, query));
  const next = async (source: AsyncGenerator<LogLine, undefined>) => ({ source, line: (await source.next()).value });
  const heads = await Promise.all(sources.map(next));
  for (;;) {
    const [first] = heads.filter(({ line }) => line !== undefined).sort((a, b) => a.line!.at - b.line!.at);
    if (first?.line === undefined) return;
    yield first.line;
    heads[heads.indexOf(first)] = await next(first.source);
  }
}

async function* linesOf(from: string, logGroupName: string, query: LinesQuery): AsyncGenerator<LogLine, undefined> {
  const { logs, since: startTime, job, signal } = query;
  const filterPattern = job === undefined ? {} : { filterPattern: `"${job}"` };
  for (let nextToken: string | undefined; ; ) {
    const command = new FilterLogEventsCommand({ logGroupName, startTime, ...filterPattern, nextToken });
    const until = AbortSignal.any([signal, AbortSignal.timeout(RETRY_MS)]);
    const send = () => logs.send(command, { abortSignal: signal });
    const answer = await retryTransient(send, until).catch((error) => {
      // Glue makes its groups with the first line.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    for (const event of answer?.events ?? []) if (names(event, job) && !isMetric(event)) yield lineOf(from, event);
    nextToken = answer?.nextToken;
    if (nextToken === undefined) return undefined;
  }
}

/** CloudWatch finds `nightly` in `nightly-2` too. */
function names({ message = "" }: FilteredLogEvent, job: string | undefined): boolean {
  return job === undefined || new RegExp(`(?<![\\w-])${job}(?![\\w-])`).test(message);
}

/**
 * Functions publish their metrics as lines in the embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function isMetric({ message = "" }: FilteredLogEvent): boolean {
  return message.startsWith('{"_aws":');
}

function lineOf(from: string, { timestamp: at = 0, message = "", eventId = "" }: FilteredLogEvent): LogLine {
  return { from, at, message, eventId };
}
