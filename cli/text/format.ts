/** Figures for people. Everything here is plain text, the same in every locale and time zone. */

const rounded = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `20,000`, `2,512`. */
export const whole = (value: number): string => rounded.format(value);

/**
 * Below 1,000 with one digit after the point, below 0.1 with the first digit that is not 0: `0.002`, `0.05`, `0.5`, `98.3`,
 * `1,234`.
 */
export function decimal(value: number): string {
  if (value > 0 && value < 0.1) return String(Number(value.toPrecision(1)));
  return (value < 1000 ? fine : rounded).format(value);
}

/** `20,000 items`, `1 item`. */
export function counted(value: number, noun: string): string {
  return `${whole(value)} ${noun}${value === 1 ? "" : "s"}`;
}

const cents = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Dollars with cents, and below a dime with two digits that are not 0: `$1,234.50`, `$0.13`, `$0.0011`, `$0.0000052`, `$0`. */
export function dollars(amount: number): string {
  if (amount === 0) return "$0";
  const short = Number(amount.toPrecision(2));
  if (short >= 0.1) return `$${cents.format(amount)}`;
  return `$${short.toFixed(1 - Math.floor(Math.log10(short)))}`;
}

const SIZES = ["B", "KB", "MB", "GB", "TB"];

/**
 * Bytes in the unit that leaves one to three digits before the point: `880 B`, `2.5 MB`. A KB is 1,024 bytes, as for AWS.
 */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(value) / 10));
  return `${decimal(value / 1024 ** power)} ${SIZES[power]}`;
}

/** A share from 0 to 1 as `42 %`, rounded down, so that only finished work shows 100 %. */
export const percent = (share: number): string => `${Math.floor(share * 100)} %`;

const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** Seconds as the two largest units that are not 0: `12 s`, `3 min 20 s`, `2 d 3 h`. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([length]) => rest >= length);
  const parts: string[] = [];
  for (const [length, name] of first < 0 ? [] : UNITS.slice(first, first + 2)) {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    if (amount > 0) parts.push(`${amount} ${name}`);
  }
  return parts.join(" ") || "0 s";
}

/** Milliseconds since the epoch as `2025-11-22 10:12:54Z`. */
export const moment = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;

/** The time of day of milliseconds since the epoch: `10:12:54Z`. */
export const timeOfDay = (ms: number): string => moment(ms).slice(11);

/** A text of others on one line, without control characters, which a terminal would obey. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, " ").trim();
