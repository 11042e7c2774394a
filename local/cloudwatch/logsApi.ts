import { ApiError } from "../gateway/apiError";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { logGroupName } from "../gateway/logGroupName";
import { type BackendResponse, jsonResponse } from "../gateway/message";
import { arnOf, type Place } from "../gateway/permissions/needs/need";
import { filterPattern } from "./filterPattern";
import type { LogEvent, LogGroup, Logs } from "./logs";

type Input = Readonly<Record<string, unknown>>;

/** Fields that each call takes. Others are refused, so that none is lost. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  DescribeLogGroups: ["logGroupNamePrefix", "logGroupNamePattern", "limit", "nextToken"],
  FilterLogEvents: [
    ...["logGroupName", "logGroupIdentifier", "filterPattern", "startTime", "endTime", "limit", "nextToken"],
    // Accepted, but without effect: lines of all streams are always interleaved.
    "interleaved",
  ],
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
const GROUPS_MAX = 50;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
const EVENTS_MAX = 10_000;
const PAGE_BYTES_MAX = 1_048_576;
/** Bytes that CloudWatch Logs counts for an event besides its message. */
const EVENT_OVERHEAD_BYTES = 26;

/** CloudWatch Logs: `DescribeLogGroups`, and `FilterLogEvents` over what functions, Glue runs and executions wrote. */
export class LogsApi {
  readonly #logs: Logs;
  readonly #place: Place;
  readonly #answers: Readonly<Record<string, (input: Input) => object>> = {
    DescribeLogGroups: (input) => this.#describe(input),
    FilterLogEvents: (input) => this.#filter(input),
  };

  constructor(logs: Logs, place: Place) {
    this.#logs = logs;
    this.#place = place;
  }

  async handle({ action, input }: Pick<Call, "action" | "input">): Promise<BackendResponse> {
    const answer = this.#answers[action];
    if (!answer) return notHere(`do not know ${action}`);
    const lost = Object.keys(input).filter((field) => input[field] !== null && !FIELDS[action]?.includes(field));
    if (lost.length > 0) return notHere(`do not honour ${lost.join(", ")} of ${action}`);
    const pattern = String(input.filterPattern ?? "");
    if (!filterPattern(pattern)) return notHere(`do not know patterns such as ${pattern}`);
    try {
      return jsonResponse(200, answer(input), { "content-type": "application/x-amz-json-1.1" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return awsError("logs", 400, error.code, error.message);
    }
  }

  #describe(input: Input): object {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, nextToken } = input;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    const limit = wholeIn("limit", input.limit ?? GROUPS_MAX, GROUPS_MAX);
    // The token is the name of the former page's last group.
    const left = this.#logs
      .list()
      .filter(({ name }) => name.startsWith(String(prefix ?? "")) && name.includes(String(pattern ?? "")))
      .filter(({ name }) => nextToken === undefined || name > String(nextToken));
    const page = left.slice(0, limit);
    return {
      logGroups: page.map((group) => this.#shown(group)),
      ...(left.length > page.length ? { nextToken: page.at(-1)?.name } : {}),
    };
  }

  #filter(input: Input): object {
    const { events } = this.#group(input);
    const matches = filterPattern(String(input.filterPattern ?? "")) ?? (() => false);
    const [from, to] = [Number(input.startTime ?? 0), Number(input.endTime ?? Infinity)];
    const limit = wholeIn("limit", input.limit ?? EVENTS_MAX, EVENTS_MAX);
    const isAsked = ({ timestamp, message }: LogEvent) => timestamp >= from && timestamp <= to && matches(message);
    const found = events.slice(placeOf(input.nextToken, events)).filter(isAsked);
    const page = found.slice(0, Math.min(limit, fitting(found)));
    const next = found[page.length];
    return {
      events: page.map(shownEvent),
      searchedLogStreams: [],
      ...(next === undefined ? {} : { nextToken: String(next.position) }),
    };
  }

  #group(input: Input): LogGroup {
    if ((input.logGroupName === undefined) === (input.logGroupIdentifier === undefined)) {
      throw invalid("Exactly one of logGroupName and logGroupIdentifier is required.");
    }
    const group = this.#logs.find(logGroupName(input));
    if (!group) throw new ApiError("ResourceNotFoundException", "The specified log group does not exist.");
    return group;
  }

  #shown({ name, createdAt, retentionDays, events }: LogGroup): object {
    const logGroupArn = arnOf("logs", this.#place, `log-group:${name}`);
    return {
      ...{ logGroupName: name, logGroupArn, arn: `${logGroupArn}:*`, creationTime: createdAt },
      ...(retentionDays === undefined ? {} : { retentionInDays: retentionDays }),
      ...{ metricFilterCount: 0, logGroupClass: "STANDARD" },
      storedBytes: events.reduce((sum, event) => sum + bytesOf(event), 0),
    };
  }
}

/** The index in the list of the event with the token's position. Events that were dropped are skipped. */
function placeOf(nextToken: unknown, [first]: readonly LogEvent[]): number {
  if (nextToken === undefined) return 0;
  const position = Number(nextToken);
  if (!Number.isInteger(position) || position < 0) throw invalid("The specified nextToken is invalid.");
  return Math.max(0, position - (first?.position ?? 0));
}

/** How many of the events fit into one page; the first one always does. */
function fitting(events: readonly LogEvent[]): number {
  let bytes = 0;
  const last = events.findIndex((event) => {
    bytes += bytesOf(event);
    return bytes > PAGE_BYTES_MAX;
  });
  return last < 0 ? events.length : Math.max(1, last);
}

function bytesOf({ message }: LogEvent): number {
  return Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
}

function shownEvent({ position, timestamp, stream, message }: LogEvent): object {
  return { eventId: String(position), logStreamName: stream, timestamp, ingestionTime: timestamp, message };
}

function wholeIn(field: string, value: unknown, most: number): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most) return Number(value);
  throw invalid(
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must be a whole number from 1 to ${most}`,
  );
}

function invalid(message: string): ApiError {
  return new ApiError("InvalidParameterException", message);
}

function notHere(what: string): BackendResponse {
  return awsError("logs", 501, "NotImplemented", `Logs of the local cloud ${what}.`);
}
