/** Figures of jobs in words. Pure. */

import { decimal, duration, moment } from "../../text/format";
import type { JobRow, RateFigure } from "../contract";

/** `98.3 of 100 RCU/s`, or for an ended job `100 RCU/s`. */
export function rateText({ direction, limit, now }: RateFigure): string {
  const unit = direction === "read" ? "RCU/s" : "WCU/s";
  return now === undefined ? `${decimal(limit)} ${unit}` : `${decimal(now)} of ${decimal(limit)} ${unit}`;
}

/** `3 min left`, `took 12 s`. Empty: not known. */
export function timeText({ state, secondsLeft, createdAt, endedAt }: JobRow): string {
  if (endedAt !== undefined) return `took ${duration((endedAt - createdAt) / 1000)}`;
  if (state === "paused" || secondsLeft === undefined) return "";
  return `${duration(secondsLeft)} left`;
}

/** `2025-11-22 10:12Z`. */
export function minuteText(ms: number): string {
  return moment(ms).replace(/:\d\dZ$/, "Z");
}

/** The same of a time in RFC 3339. Another text stays as it is: anybody who may write to the bucket can put one there. */
export function sentText(sentAt: string): string {
  const at = Date.parse(sentAt);
  return Number.isNaN(at) ? sentAt : minuteText(at);
}

/** `Fill` of `fill`. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
