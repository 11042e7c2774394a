/**
 * The expected fate of a body, derived only from its text. These are the rules of docs/submissions.md and the dev stack's
 * policy, written again independently of services/, so that a mistake there is not repeated here.
 */

export interface Accepted {
  /** `<user_id><timestamp>`. */
  id: string;
  userId: string;
  timestamp: string;
  /** The moment the timestamp names, milliseconds since the epoch. */
  at: number;
  /** Whether that moment can't be true: it lies more than 26 hours after the sending. */
  implausible: boolean;
  /** The participant's attributes while this submission is the latest: answers, free text, time. */
  shown: Record<string, string | number>;
}

export interface Refused {
  /** Set if the body names participant and time. */
  id: string | undefined;
  /** Codes of the reasons, each once, sorted. */
  codes: string[];
}

const MIN_SECONDS = 3;
const [ANSWER_MIN, ANSWER_MAX] = [1, 5];
const FREETEXT_MAX = 10_000;
const AHEAD_MS = 26 * 3_600_000;

/** @param sentAt about when the body was sent, milliseconds since the epoch. Bodies of a soak lie years on either side. */
export function judgeBody(text: string, sentAt: number): Accepted | Refused {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { id: undefined, codes: ["not_json"] };
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { id: undefined, codes: ["not_an_object"] };
  }
  const fields = new Map(Object.entries(body));
  const [userId, timestamp] = [fields.get("user_id"), fields.get("timestamp")];
  const at = momentOf(timestamp, sentAt);
  const identified = isUserId(userId) && typeof timestamp === "string" && at !== undefined;
  const id = identified ? userId + timestamp : undefined;
  const codes = new Set(identified ? [] : ["invalid"]);
  const answers = [...fields].filter(([name]) => /^q[1-9][0-9]*$/.test(name));
  if (!answers.every(([, answer]) => isAnswer(answer))) codes.add("invalid");
  if (answers.length === 0) codes.add("too_few_answers");
  if ([...fields.keys()].some(looksLikeQuestion)) codes.add("not_a_question");
  for (const code of [timeProblem(fields.get("time_elapsed")), textProblem(fields.get("freetext"))]) {
    if (code) codes.add(code);
  }
  if (!identified || codes.size > 0) return { id, codes: [...codes].sort() };
  const shown = { timestamp, time_elapsed: fields.get("time_elapsed"), freetext: fields.get("freetext") };
  const moment = { timestamp, at, implausible: at > sentAt + AHEAD_MS };
  return { id: userId + timestamp, userId, ...moment, shown: { ...shown, ...Object.fromEntries(answers) } };
}

function isUserId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

/** The slips that a soak sends: another case, leading zeros, separators, and answers that are nested. */
function looksLikeQuestion(name: string): boolean {
  if (/^q[1-9][0-9]*$/.test(name)) return false;
  return /^(q[0-9]+|answers)$/.test(name.toLowerCase().replace(/[ _.-]/g, ""));
}

function isAnswer(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= ANSWER_MIN && (value as number) <= ANSWER_MAX;
}

function timeProblem(value: unknown): string | undefined {
  if (typeof value !== "number" || value < 0) return "invalid";
  return value < MIN_SECONDS ? "too_quick" : undefined;
}

function textProblem(value: unknown): string | undefined {
  if (value === undefined) return "empty_freetext";
  if (typeof value !== "string" || [...value].length > FREETEXT_MAX) return "invalid";
  // The invisible characters that a soak sends.
  return value.replace(/[\0\u200b-\u200d]/g, "").trim() === "" ? "empty_freetext" : undefined;
}

/**
 * The phone's time is taken as UTC, in the century nearest to the sending. Undefined if it is not a moment; the calendar
 * is that of Date.
 */
function momentOf(timestamp: unknown, sentAt: number): number | undefined {
  if (typeof timestamp !== "string") return undefined;
  const [, month, day, year, rest] = /^(\d\d)(\d\d)(\d\d)(\d{6})$/.exec(timestamp) ?? [];
  if (!rest) return /^\d{4}-/.test(timestamp) ? roundTrip(withMinutes(timestamp), timestamp.slice(0, 19)) : undefined;
  const moments = ["19", "20", "21"].map((century) => {
    const local = `${century}${year}-${month}-${day}T${rest.replace(/(..)(..)(..)/, "$1:$2:$3")}`;
    return roundTrip(`${local}Z`, local);
  });
  const real = moments.filter((ms) => ms !== undefined);
  return real.sort((a, b) => Math.abs(a - sentAt) - Math.abs(b - sentAt))[0];
}

/** Rewrites zones that Date doesn't accept, `+03` and `+0300`, into its form. */
function withMinutes(timestamp: string): string {
  return timestamp.replace(/(T.*[+-]\d\d):?(\d\d)?$/, (_, before, minutes = "00") => `${before}:${minutes}`);
}

/** Date takes 29 February of any year for 1 March, and hour 24 for the next day: its result must read like the input. */
function roundTrip(text: string, local: string): number | undefined {
  const [ms, asUtc] = [Date.parse(text), Date.parse(`${local}Z`)];
  if (Number.isNaN(ms) || Number.isNaN(asUtc)) return undefined;
  return new Date(asUtc).toISOString().startsWith(local) ? ms : undefined;
}
