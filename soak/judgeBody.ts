/**
 * What should become of a body, from its text alone: README.md's rules ("A submission is a JSON object: …") and the dev
 * stack's policy, written a second time and without a look at services/, so that a mistake there is not made here too.
 */

export interface Accepted {
  /** `<user_id><timestamp>`. */
  id: string;
  userId: string;
  timestamp: string;
  /** The moment the timestamp names, milliseconds since the epoch. */
  at: number;
  /** What the participant's item shows while this is the latest: answers, free text, time. */
  shown: Record<string, string | number>;
}

export interface Refused {
  /** Where the body says who and when. */
  id: string | undefined;
  /** Codes of the reasons, each once, sorted. */
  codes: string[];
}

const MIN_SECONDS = 3;
const [ANSWER_MIN, ANSWER_MAX] = [1, 5];
const FREETEXT_MAX = 10_000;

export function judgeBody(text: string): Accepted | Refused {
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
  const at = momentOf(timestamp);
  const identified = isUserId(userId) && typeof timestamp === "string" && at !== undefined;
  const id = identified ? userId + timestamp : undefined;
  const codes = new Set(identified ? [] : ["invalid"]);
  const answers = [...fields].filter(([name]) => /^q[1-9][0-9]*$/.test(name));
  if (!answers.every(([, answer]) => isAnswer(answer))) codes.add("invalid");
  for (const code of [timeProblem(fields.get("time_elapsed")), textProblem(fields.get("freetext"))]) {
    if (code) codes.add(code);
  }
  if (!identified || codes.size > 0) return { id, codes: [...codes].sort() };
  const shown = { timestamp, time_elapsed: fields.get("time_elapsed"), freetext: fields.get("freetext") };
  return { id: userId + timestamp, userId, timestamp, at, shown: { ...shown, ...Object.fromEntries(answers) } };
}

function isUserId(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(value);
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
  return value.trim() === "" ? "empty_freetext" : undefined;
}

/** The phone's time is taken as UTC. Undefined for what is no moment; the calendar is Date's. */
function momentOf(timestamp: unknown): number | undefined {
  if (typeof timestamp !== "string") return undefined;
  const [, month, day, year, rest] = /^(\d\d)(\d\d)(\d\d)(\d{6})$/.exec(timestamp) ?? [];
  if (!rest) return /^\d{4}-/.test(timestamp) ? roundTrip(timestamp, timestamp.slice(0, 19)) : undefined;
  const local = `20${year}-${month}-${day}T${rest.replace(/(..)(..)(..)/, "$1:$2:$3")}`;
  return roundTrip(`${local}Z`, local);
}

/** Date takes 29 February of any year for 1 March, and hour 24 for the next day: what it made must read the same. */
function roundTrip(text: string, local: string): number | undefined {
  const [ms, asUtc] = [Date.parse(text), Date.parse(`${local}Z`)];
  if (Number.isNaN(ms) || Number.isNaN(asUtc)) return undefined;
  return new Date(asUtc).toISOString().startsWith(local) ? ms : undefined;
}
