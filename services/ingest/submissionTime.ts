/** Timestamps of submissions, in the two forms the app sends, made comparable. Pure. */

const PHONE = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;
/** RFC 3339, and its zones as ISO 8601's basic form has them: ODK writes `+03` and `+0300` for `+03:00`. */
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,20}))?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;
const FRACTION_DIGITS = 9;
const MINUTE_MS = 60_000;
/** The phone's local time is up to 14 hours ahead of UTC; 12 more are for clocks that are somewhat fast. */
const AHEAD_MS = 26 * 60 * MINUTE_MS;

/**
 * The moment that a timestamp names, as text that sorts by time: `2021-09-28T12:00:00.000000000Z`.
 *
 * `MMDDYYHHMMSS` is the phone's local time; its zone is unknown, so it is taken unchanged. Its century is the one that
 * puts it nearest to the send time. RFC 3339 is converted to UTC. A fraction of a second may have up to 20 digits, of
 * which nine are kept: the timestamp is part of keys in S3 and DynamoDB, whose length is limited.
 * @param sentAt when SQS took the message, milliseconds since the epoch.
 * @returns undefined if the text has neither form, or is no real moment of the years 0 to 9999 in UTC.
 */
export function submissionTime(timestamp: string, sentAt: number): string | undefined {
  const phone = PHONE.exec(timestamp);
  if (phone) {
    const [month, day, year, hour, minute, second] = phone.slice(1).map(Number) as Parts;
    const century = Math.floor(new Date(sentAt).getUTCFullYear() / 100) * 100;
    const readings = [century - 100, century, century + 100].map((from) =>
      moment([from + year, month, day, hour, minute, second], 0, ""),
    );
    return nearest(readings, sentAt)?.text;
  }
  const rfc = RFC3339.exec(timestamp);
  if (!rfc) return undefined;
  const [, , , , , , , fraction = "", sign, offsetHours = "0", offsetMinutes = "0"] = rfc;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  return moment(rfc.slice(1, 7).map(Number) as Parts, offset, fraction)?.text;
}

/**
 * Whether a moment can't be true: it lies more than 26 hours after the message was sent. Its clock is set to another
 * calendar or to its epoch, or is just wrong.
 * @param submittedAt a moment as `submissionTime` returns it.
 * @param sentAt when SQS took the message, milliseconds since the epoch.
 */
export function isImplausible(submittedAt: string, sentAt: number): boolean {
  return submittedAt > new Date(sentAt + AHEAD_MS).toISOString().replace("Z", "000000Z");
}

type Parts = [number, number, number, number, number, number];

interface Moment {
  text: string;
  /** Milliseconds since the epoch, to the second; a leap second counts as the one before it. */
  ms: number;
}

function moment(
  [year, month, day, hour, minute, second]: Parts,
  offsetMinutes: number,
  fraction: string,
): Moment | undefined {
  const leap = second === 60;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, leap ? 59 : second);
  const real =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    hour < 24 &&
    minute < 60;
  if (!real || second > 60) return undefined;
  const utc = new Date(date.getTime() - offsetMinutes * MINUTE_MS);
  // Years beyond are written with a sign, which does not sort.
  if (utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999) return undefined;
  // RFC 3339, 5.7: a leap second can only be the last of a UTC day.
  if (leap && !(utc.getUTCHours() === 23 && utc.getUTCMinutes() === 59)) return undefined;
  const seconds = leap ? "60" : String(second).padStart(2, "0");
  const digits = fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, "0");
  return { text: `${utc.toISOString().slice(0, 17)}${seconds}.${digits}Z`, ms: utc.getTime() };
}

/** If two moments are equally near, the earlier one counts: it doesn't replace the latest answers. */
function nearest(moments: readonly (Moment | undefined)[], ms: number): Moment | undefined {
  return moments.reduce((best, next) => {
    if (!best || !next) return best ?? next;
    return Math.abs(next.ms - ms) < Math.abs(best.ms - ms) ? next : best;
  }, undefined);
}
