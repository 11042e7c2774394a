const PHONE = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/;
const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,20})?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;
const MINUTE_MS = 60_000;

type Parts = [year: number, month: number, day: number, hour: number, minute: number, second: number];

/**
 * Whether a text is a time that a stack accepts: `MMDDYYHHMMSS`, a real moment in the century of sending or one beside
 * it, or RFC 3339, whose zone may be `+03` or `+0300` too, in the years 0 to 9999 of UTC.
 *
 * @param now the time of sending, milliseconds since the epoch
 */
export function surveyTime(text: string, now: number): boolean {
  const phone = PHONE.exec(text);
  if (phone !== null) {
    const [month, day, year, ...time] = phone.slice(1).map(Number) as Parts;
    const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100;
    return [-100, 0, 100].some((from) => isMoment([century + from + year, month, day, ...time], 0));
  }
  const rfc = RFC3339.exec(text);
  if (rfc === null) return false;
  const [hours, minutes] = [Number(rfc[8] ?? 0), Number(rfc[9] ?? 0)];
  if (hours > 23 || minutes > 59) return false;
  return isMoment(rfc.slice(1, 7).map(Number) as Parts, (rfc[7] === "-" ? -1 : 1) * (hours * 60 + minutes));
}

function isMoment([year, month, day, hour, minute, second]: Parts, offsetMinutes: number): boolean {
  const leap = second === 60;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, leap ? 59 : second);
  const sameDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!sameDay || hour > 23 || minute > 59 || second > 60) return false;
  const utc = new Date(date.getTime() - offsetMinutes * MINUTE_MS);
  if (utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999) return false;
  // RFC 3339, 5.7: a leap second can only be the last of a UTC day.
  return !leap || (utc.getUTCHours() === 23 && utc.getUTCMinutes() === 59);
}
