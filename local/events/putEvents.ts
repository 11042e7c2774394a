import { randomUUID } from "node:crypto";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { type BackendResponse, jsonResponse } from "../gateway/message";
import type { BusEvent } from "./event";
import type { EventBuses } from "./eventBuses";

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;
/** All entries of a request together: 1 MB. */
const MAX_BYTES = 1_048_576;
/** A time has this size, however it is written. */
const TIME_BYTES = 14;

interface Entry {
  EventBusName?: string;
  Source?: string;
  DetailType?: string;
  Detail?: string;
  Resources?: string[];
  /** Seconds since the epoch. */
  Time?: number;
}

/** Why an entry is rejected; the other entries of its request are accepted. */
interface EntryError {
  ErrorCode: string;
  ErrorMessage: string;
}

/** Answers only one EventBridge call: PutEvents. Buses, rules and targets come only from the Pulumi program. */
export function eventsApi(buses: EventBuses, place: { region: string; accountId: string }) {
  return async ({ action, input }: Pick<Call, "action" | "input">): Promise<BackendResponse> => {
    if (action !== "PutEvents") return notHere(`The local cloud does not answer ${action} of EventBridge.`);
    if (input.EndpointId !== undefined) return notHere("The local cloud has no global endpoints.");
    const problem = problemOf(input.Entries);
    if (problem) return awsError("events", 400, "ValidationException", problem);
    const results = (input.Entries as Entry[]).map((entry) => {
      const error = errorOf(entry);
      if (error) return error;
      const event = eventOf(entry, place);
      buses.put(entry.EventBusName, event);
      return { EventId: event.id };
    });
    const FailedEntryCount = results.filter((result) => "ErrorCode" in result).length;
    return jsonResponse(200, { FailedEntryCount, Entries: results }, { "content-type": "application/x-amz-json-1.1" });
  };
}

/** The problem of a request as a whole. */
function problemOf(entries: unknown): string | undefined {
  const constraint = (bound: string) =>
    `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must ${bound}`;
  if (!Array.isArray(entries)) return constraint("not be null");
  if (entries.length === 0) return constraint("have length greater than or equal to 1");
  if (entries.length > MAX_ENTRIES) return constraint(`have length less than or equal to ${MAX_ENTRIES}`);
  const bytes = (entries as Entry[]).reduce((sum, entry) => sum + sizeOf(entry), 0);
  return bytes > MAX_BYTES ? "Total size of the entries in the request is over the limit." : undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function sizeOf({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : TIME_BYTES);
}

function errorOf(entry: Entry): EntryError | undefined {
  const missing = (["Source", "DetailType", "Detail"] as const).find((name) => !entry[name]);
  if (missing) {
    const ErrorMessage = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: "InvalidArgument", ErrorMessage };
  }
  if (entry.Source?.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  return detailOf(entry) ? undefined : { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
}

/** The detail, which must be a JSON object; undefined if it is not. */
function detailOf({ Detail = "" }: Entry): Record<string, unknown> | undefined {
  try {
    const detail = JSON.parse(Detail);
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function eventOf(entry: Entry, { region, accountId }: { region: string; accountId: string }): BusEvent {
  const time = entry.Time === undefined ? new Date() : new Date(entry.Time * 1000);
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": entry.DetailType ?? "",
    source: entry.Source ?? "",
    account: accountId,
    time: time.toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: entry.Resources ?? [],
    detail: detailOf(entry) ?? {},
  };
}

function notHere(message: string): BackendResponse {
  return awsError("events", 501, "NotImplemented", message);
}
