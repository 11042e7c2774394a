import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { type BackendResponse, jsonResponse } from "../gateway/message";

/** Lines of a log group that are kept, the newest ones. `.sluice/logs/` has all. */
const KEPT_MAX = 20_000;
/** CloudWatch Logs answers with at most this many. */
const EVENTS_MAX = 10_000;
/** Terms in quotes, all of which a line must hold. CloudWatch has more kinds of patterns. */
const TERMS = /^\s*("[^"]*"\s*)*$/;

interface LogEvent {
  /** Milliseconds since the epoch. */
  timestamp: number;
  message: string;
}

/** CloudWatch Logs: `FilterLogEvents` over what functions wrote. A group without lines answers as an empty one. */
export class Logs {
  readonly #groups = new Map<string, LogEvent[]>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  write(logGroup: string, text: string): void {
    const events = this.#groups.get(logGroup) ?? [];
    this.#groups.set(logGroup, events);
    const timestamp = this.#now();
    for (const message of text.split("\n")) if (message !== "") events.push({ timestamp, message });
    if (events.length > 2 * KEPT_MAX) events.splice(0, events.length - KEPT_MAX);
  }

  async handle({ action, input }: Call): Promise<BackendResponse> {
    const { logGroupName, filterPattern = "", startTime = 0, endTime = Infinity, limit = EVENTS_MAX } = input;
    if (action !== "FilterLogEvents" || !TERMS.test(String(filterPattern))) {
      const what = action === "FilterLogEvents" ? "filters by terms in quotes only" : `do not know ${action}`;
      return awsError("logs", 501, "NotImplemented", `Logs of the local cloud ${what}.`);
    }
    const terms = [...String(filterPattern).matchAll(/"([^"]*)"/g)].map(([, term]) => term as string);
    const events = (this.#groups.get(String(logGroupName)) ?? []).filter(
      ({ timestamp, message }) =>
        timestamp >= Number(startTime) && timestamp < Number(endTime) && terms.every((term) => message.includes(term)),
    );
    return jsonResponse(200, { events: events.slice(0, Number(limit)) });
  }
}
