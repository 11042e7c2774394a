import * as v from "valibot";
import { LIMITS } from "./limits";
import { lookalike, questionRanges, questionsAmong } from "./questions";
import { isImplausible, submissionTime } from "./submissionTime";

/** The rules for a submission beyond its types. They come from the stack's config. */
export interface SubmissionPolicy {
  /** A submission that took fewer seconds than this is rejected. */
  minSeconds: number;
  /** Whether the free text must hold something visible. */
  requireFreetext: boolean;
  /** Lowest and highest answer. */
  answerMin: number;
  answerMax: number;
  /** The least number of answers; 0 accepts a survey without answers. */
  minAnswers: number;
}

/** A submission that is accepted. */
export interface Submission {
  /** `<user_id><timestamp>`: two submissions with the same id are the same one. */
  id: string;
  userId: string;
  /** Unchanged from the body. */
  timestamp: string;
  /** The timestamp as text that sorts by time. */
  submittedAt: string;
  /** Whether that time can't be true, because it is too long after the send time. Then it is never the latest. */
  implausibleTime: boolean;
  timeElapsed: number;
  /** Answers by question, `q1` and so on, in the order of their numbers. */
  answers: ReadonlyMap<string, number>;
  freetext: string | undefined;
}

/** Stable. */
export const reasonCodes = [
  "not_json",
  "not_an_object",
  "invalid",
  "too_quick",
  "empty_freetext",
  "too_few_answers",
  "not_a_question",
  "item_too_large",
  "conflict",
  "unproven",
] as const;

/** Why a submission can never be accepted. `message` is for people. */
export interface Reason {
  code: (typeof reasonCodes)[number];
  /** The field, if a single one is to blame. */
  field?: string;
  message: string;
}

/** The participant and the submission's id of a rejected body, if it names valid ones. */
export type ParsedSubmission =
  | { submission: Submission }
  | { id: string | undefined; userId: string | undefined; reasons: Reason[] };

const { freetextCharacters: FREETEXT_CHARACTERS, secondsMax: SECONDS_MAX, answersBytes: ANSWERS_BYTES } = LIMITS;
/** The most reasons: more would help nobody. */
const REASONS_MAX = 100;

/**
 * Visible characters. All others are white space, control and format characters (NUL, zero-width space), characters that
 * a renderer may ignore by Unicode (fillers, variation selectors), and two symbols that are drawn blank.
 */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/u;

const userId = v.pipe(
  v.string("must be text"),
  v.regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -"),
);
/** Depends on the message: the send time decides the century of a year with two digits. */
const timestampSent = (sentAt: number) =>
  v.pipe(
    v.string("must be text"),
    v.rawTransform<string, { text: string; submittedAt: string }>(({ dataset: { value: text }, addIssue, NEVER }) => {
      const submittedAt = submissionTime(text, sentAt);
      if (submittedAt !== undefined) return { text, submittedAt };
      addIssue({ message: "must be a time as MMDDYYHHMMSS or RFC 3339" });
      return NEVER;
    }),
  );

/** @param sentAt when SQS took the message, milliseconds since the epoch. */
export type SubmissionParser = (body: string, sentAt: number) => ParsedSubmission;

/**
 * Builds the parser once for a policy. The parser reports all problems of a body, of types and policy together, up to a
 * hundred reasons.
 */
export function submissionParser(policy: SubmissionPolicy): SubmissionParser {
  const schemaSent = schemaFor(policy);
  return (body, sentAt) => {
    const parsed = parseObject(body);
    if ("reasons" in parsed) return { id: undefined, userId: undefined, reasons: parsed.reasons };
    const { value } = parsed;
    const names = Object.keys(value);
    const questions = questionsAmong(names);
    const result = v.safeParse(schemaSent(sentAt), known(value));
    const reasons = capped([
      (result.issues ?? []).map(reasonOf),
      numberReasons(questions, policy),
      sizeReasons(questions, value),
      nameReasons(names),
      answerReasons(questions, value, policy),
    ]);
    if (!result.success || reasons.length > 0) return { ...namesOf(value, sentAt), reasons };
    const answers = new Map(questions.map((question) => [question, value[question] as number]));
    return { submission: submissionOf(result.output, answers, sentAt) };
  };
}

/** The reason for rejecting a valid body because others' attributes fill the participant's item. */
export const NO_ROOM: Reason = {
  code: "item_too_large",
  message: "the participant's item has no room for the answers beside its other attributes",
};

/** The reason for rejecting a message without proof of its sender. */
export const UNPROVEN: Reason = {
  code: "unproven",
  field: "user_id",
  message: "the message has no token of this participant, or a wrong one",
};

/**
 * The schema of all fields besides the answers: the part that depends on the policy is built once, the rest for each
 * message.
 */
function schemaFor({ minSeconds, requireFreetext }: SubmissionPolicy) {
  const time_elapsed = v.pipe(
    v.number("must be a number of seconds"),
    v.finite("must be a number of seconds"),
    v.minValue(0, "must not be negative"),
    v.maxValue(SECONDS_MAX, `must be at most ${SECONDS_MAX} seconds`),
    v.check(
      (seconds) => seconds < 0 || seconds >= minSeconds,
      `policy:too_quick:must be at least ${minSeconds} seconds`,
    ),
  );
  const characters = v.check<string, string>(
    // Twice as many UTF-16 units cannot be few enough characters; a long text is not taken apart to find that out.
    (text) =>
      text.length <= FREETEXT_CHARACTERS ||
      (text.length <= 2 * FREETEXT_CHARACTERS && [...text].length <= FREETEXT_CHARACTERS),
    `must be at most ${FREETEXT_CHARACTERS} characters`,
  );
  const text = v.pipe(v.string("must be text"), characters);
  const filled = v.pipe(
    text,
    v.check((given) => VISIBLE.test(given), "policy:empty_freetext:must not be empty"),
  );
  // A missing free text counts as an empty one.
  const freetext = requireFreetext ? v.optional(filled, "") : v.optional(text);
  return (sentAt: number) =>
    v.object({ user_id: userId, timestamp: timestampSent(sentAt), time_elapsed, freetext }, "must be present");
}

type Fields = v.InferOutput<ReturnType<ReturnType<typeof schemaFor>>>;

function submissionOf(fields: Fields, answers: Submission["answers"], sentAt: number): Submission {
  const { user_id, timestamp, time_elapsed, freetext } = fields;
  return {
    id: user_id + timestamp.text,
    userId: user_id,
    timestamp: timestamp.text,
    submittedAt: timestamp.submittedAt,
    implausibleTime: isImplausible(timestamp.submittedAt, sentAt),
    timeElapsed: time_elapsed,
    answers,
    freetext,
  };
}

function parseObject(body: string): { value: Record<string, unknown> } | { reasons: Reason[] } {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { value: value as Record<string, unknown> };
    }
    return { reasons: [{ code: "not_an_object", message: "the body must be a JSON object" }] };
  } catch {
    return { reasons: [{ code: "not_json", message: "the body must be JSON" }] };
  }
}

/** The fields that the schema knows, and only a body's own properties: `__proto__` and the like are never taken. */
function known(value: Record<string, unknown>): Record<string, unknown> {
  const fields = ["user_id", "timestamp", "time_elapsed", "freetext"];
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(value, field)).map((field) => [field, value[field]]),
  );
}

function namesOf(
  value: Record<string, unknown>,
  sentAt: number,
): { id: string | undefined; userId: string | undefined } {
  const user = v.safeParse(userId, value.user_id);
  const time = v.safeParse(timestampSent(sentAt), value.timestamp);
  return {
    id: user.success && time.success ? user.output + time.output.text : undefined,
    userId: user.success ? user.output : undefined,
  };
}

function reasonOf(issue: v.BaseIssue<unknown>): Reason {
  const field = (issue.path ?? []).map(({ key }) => String(key)).join(".");
  const policy = /^policy:(too_quick|empty_freetext):(.*)$/.exec(issue.message);
  return policy
    ? { code: policy[1] as Reason["code"], field, message: `${field} ${policy[2]}` }
    : { code: "invalid", field, message: `${field} ${issue.message}` };
}

function* numberReasons(questions: readonly string[], { minAnswers }: SubmissionPolicy): Iterable<Reason> {
  const count = questions.length;
  if (count >= minAnswers) return;
  const message = `there are ${count} answers named q1, q2 and so on, and there must be at least ${minAnswers}`;
  yield { code: "too_few_answers", message };
}

/**
 * The bytes of the answers in an item: for each its name, a byte for two digits and two more; and the ranges of the
 * questions. Answers that are not numbers are rejected anyway, and turning an arbitrary value into text may fail.
 */
function* sizeReasons(questions: readonly string[], value: Record<string, unknown>): Iterable<Reason> {
  const digits = (answer: unknown) => (typeof answer === "number" ? String(answer).length : 0);
  const bytes = questions.reduce(
    (sum, question) => sum + question.length + Math.ceil(digits(value[question]) / 2) + 2,
    questionRanges(questions).length,
  );
  if (bytes <= ANSWERS_BYTES) return;
  yield { code: "item_too_large", message: `the answers take ${bytes} bytes, ${ANSWERS_BYTES} fit` };
}

function* nameReasons(names: readonly string[]): Iterable<Reason> {
  for (const field of names) {
    const found = lookalike(field);
    if (!found) continue;
    const rule = found.meant
      ? `must be named ${found.meant}`
      : "is not a question: each answer is a field of its own, named q1, q2 and so on";
    yield { code: "not_a_question", field, message: `"${printable(field)}" ${rule}` };
  }
}

function* answerReasons(
  questions: readonly string[],
  value: Record<string, unknown>,
  { answerMin, answerMax }: SubmissionPolicy,
): Iterable<Reason> {
  for (const field of questions) {
    const answer = value[field];
    if (Number.isInteger(answer) && (answer as number) >= answerMin && (answer as number) <= answerMax) continue;
    yield { code: "invalid", field, message: `${field} must be a whole number from ${answerMin} to ${answerMax}` };
  }
}

/** The first reasons. It stops after one more, because a body of a megabyte has room for tens of thousands. */
function capped(sources: Iterable<Reason>[]): Reason[] {
  const reasons: Reason[] = [];
  for (const source of sources) {
    for (const reason of source) {
      if (reasons.length === REASONS_MAX) return [...reasons, { code: reason.code, message: "and more of this kind" }];
      reasons.push(reason);
    }
  }
  return reasons;
}

/** Shows characters that are invisible or look like ASCII: `q\u{a0}1`. */
function printable(name: string): string {
  return name.replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Checks only the types: policies change, and a submission that was counted under an earlier one stays counted. */
const counted = v.object({
  user_id: userId,
  timestamp: v.string(),
  time_elapsed: v.number(),
  freetext: v.optional(v.string()),
});

/** When a submission was made, and whether that can be true. This depended on the message that was counted. */
export type SubmittedTime = Pick<Submission, "submittedAt" | "implausibleTime">;

/**
 * The submission that a counted body holds.
 * @param time as its marker has it.
 * @returns undefined if such a body is never counted.
 */
export function countedSubmission(body: string, time: SubmittedTime): Submission | undefined {
  const fields = parseObject(body);
  if ("reasons" in fields) return undefined;
  const { value } = fields;
  const { success, output } = v.safeParse(counted, known(value));
  const answers = questionsAmong(Object.keys(value)).map((question) => [question, value[question]] as const);
  if (!success || !answers.every((answer): answer is [string, number] => Number.isInteger(answer[1]))) return undefined;
  return {
    id: output.user_id + output.timestamp,
    userId: output.user_id,
    timestamp: output.timestamp,
    ...time,
    timeElapsed: output.time_elapsed,
    answers: new Map(answers),
    freetext: output.freetext,
  };
}

export function isUserId(value: unknown): value is string {
  return v.is(userId, value);
}
