import { surveyTime } from "./surveyTime";

/**
 * A stack's rules: `rules` of the stack output `sender`. A missing rule is not checked, so that an app with the rules of
 * an older or a newer stack refuses nothing because of it.
 */
export interface SurveyRules {
  /** Lowest and highest answer. */
  answerMin?: number | undefined;
  answerMax?: number | undefined;
  /** Fewest answers `q1`, `q2`, … */
  minAnswers?: number | undefined;
  /** Fewest seconds of answering. */
  minSeconds?: number | undefined;
  /** Most seconds of answering. */
  secondsMax?: number | undefined;
  /** Whether the free text must hold something visible. */
  requireFreetext?: boolean | undefined;
  /** Most characters of a free text. */
  freetextCharacters?: number | undefined;
  /** Most bytes that all answers may take in an item. */
  answersBytes?: number | undefined;
  /** Whether each survey must come with its participant's token. */
  participantTokens?: boolean | undefined;
}

/** Why a stack would not accept a survey; codes and texts are those of its quarantine. */
export interface RuleReason {
  code:
    | "invalid"
    | "too_quick"
    | "empty_freetext"
    | "too_few_answers"
    | "not_a_question"
    | "item_too_large"
    | "unproven";
  /** The field, if a single one is to blame. */
  field?: string;
  message: string;
}

type Fields = Record<string, unknown>;

/** The most reasons: more would help nobody. */
const REASONS_MAX = 100;
const QUESTION = /^q[1-9]\d{0,14}$/;
/** A longer name is not a typing error. */
const NAME_CHARACTERS = 64;

/**
 * All reasons why a stack with these rules would put a survey into quarantine, a hundred at most; none if it would accept
 * it. `test/sender/rules.test.ts` compares this with the store function's own parser.
 *
 * @param now the time of sending, milliseconds since the epoch
 */
export function reasonsAgainst(survey: object, rules: SurveyRules, now: number): RuleReason[] {
  const fields = survey as Fields;
  const names = Object.keys(fields);
  const questions = names.filter((name) => QUESTION.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  return capped([
    userReasons(own(fields, "user_id")),
    timeReasons(own(fields, "timestamp"), now),
    secondsReasons(own(fields, "time_elapsed"), rules),
    freetextReasons(own(fields, "freetext"), rules),
    numberReasons(questions, rules),
    sizeReasons(questions, fields, rules),
    nameReasons(names),
    answerReasons(questions, fields, rules),
  ]);
}

const MISSING = Symbol("missing");

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : MISSING;
}

function invalid(field: string, rule: string): RuleReason {
  return { code: "invalid", field, message: `${field} ${rule}` };
}

function* userReasons(value: unknown): Iterable<RuleReason> {
  if (value === MISSING) yield invalid("user_id", "must be present");
  else if (typeof value !== "string") yield invalid("user_id", "must be text");
  else if (!/^[A-Za-z0-9_-]{1,64}$/.test(value)) yield invalid("user_id", "must be 1 to 64 letters, digits, _ or -");
}

function* timeReasons(value: unknown, now: number): Iterable<RuleReason> {
  if (value === MISSING) yield invalid("timestamp", "must be present");
  else if (typeof value !== "string") yield invalid("timestamp", "must be text");
  else if (!surveyTime(value, now)) yield invalid("timestamp", "must be a time as MMDDYYHHMMSS or RFC 3339");
}

function* secondsReasons(value: unknown, { minSeconds = 0, secondsMax }: SurveyRules): Iterable<RuleReason> {
  const field = "time_elapsed";
  if (value === MISSING) return yield invalid(field, "must be present");
  if (typeof value !== "number" || Number.isNaN(value)) return yield invalid(field, "must be a number of seconds");
  if (!Number.isFinite(value)) yield invalid(field, "must be a number of seconds");
  if (value < 0) yield invalid(field, "must not be negative");
  if (secondsMax !== undefined && value > secondsMax) yield invalid(field, `must be at most ${secondsMax} seconds`);
  if (value >= 0 && value < minSeconds) {
    yield { code: "too_quick", field, message: `${field} must be at least ${minSeconds} seconds` };
  }
}

function* freetextReasons(
  given: unknown,
  { requireFreetext = false, freetextCharacters }: SurveyRules,
): Iterable<RuleReason> {
  const field = "freetext";
  // A missing free text counts as an empty one.
  const value = given === MISSING ? "" : given;
  if (typeof value !== "string") return yield invalid(field, "must be text");
  if (freetextCharacters !== undefined && isLonger(value, freetextCharacters)) {
    yield invalid(field, `must be at most ${freetextCharacters} characters`);
  }
  if (requireFreetext && isBlank(value)) {
    yield { code: "empty_freetext", field, message: `${field} must not be empty` };
  }
}

/** A pair of surrogates is one character. A text of twice as many units needn't be examined. */
function isLonger(text: string, characters: number): boolean {
  return text.length > characters && (text.length > 2 * characters || [...text].length > characters);
}

function* numberReasons(questions: readonly string[], { minAnswers = 0 }: SurveyRules): Iterable<RuleReason> {
  const count = questions.length;
  if (count >= minAnswers) return;
  const message = `there are ${count} answers named q1, q2 and so on, and there must be at least ${minAnswers}`;
  yield { code: "too_few_answers", message };
}

/**
 * The bytes of the answers in an item: for each its name, a byte for two digits and two more; and the ranges of the
 * questions.
 */
function* sizeReasons(
  questions: readonly string[],
  fields: Fields,
  { answersBytes }: SurveyRules,
): Iterable<RuleReason> {
  if (answersBytes === undefined) return;
  const digits = (answer: unknown) => (typeof answer === "number" ? String(answer).length : 0);
  const bytes = questions.reduce(
    (sum, question) => sum + question.length + Math.ceil(digits(fields[question]) / 2) + 2,
    rangesLength(questions),
  );
  if (bytes <= answersBytes) return;
  yield { code: "item_too_large", message: `the answers take ${bytes} bytes, ${answersBytes} fit` };
}

/** Length of the questions' ranges, `1-3,5`; `none` if there are none. */
function rangesLength(questions: readonly string[]): number {
  const ranges: string[] = [];
  let [first, last] = [0, 0];
  for (const number of [...questions.map(numberOf), Number.POSITIVE_INFINITY]) {
    if (number === last + 1 && first > 0) last = number;
    else {
      if (first > 0) ranges.push(first === last ? `${first}` : `${first}-${last}`);
      [first, last] = [number, number];
    }
  }
  return (ranges.join(",") || "none").length;
}

function* nameReasons(names: readonly string[]): Iterable<RuleReason> {
  for (const field of names) {
    const rule = lookalikeRule(field);
    if (rule !== undefined) yield { code: "not_a_question", field, message: `"${printable(field)}" ${rule}` };
  }
}

function* answerReasons(questions: readonly string[], fields: Fields, rules: SurveyRules): Iterable<RuleReason> {
  const { answerMin = Number.NEGATIVE_INFINITY, answerMax = Number.POSITIVE_INFINITY } = rules;
  for (const field of questions) {
    const answer = fields[field];
    if (Number.isInteger(answer) && (answer as number) >= answerMin && (answer as number) <= answerMax) continue;
    yield invalid(field, `must be a whole number from ${answerMin} to ${answerMax}`);
  }
}

function numberOf(question: string): number {
  return Number(question.slice(1));
}

/**
 * Classes of Unicode, made when they are needed: an engine that lacks them (Hermes before 2025) would not even read a file
 * with such an expression. Without them, only the store function makes this check.
 */
function unicode(source: string, flags = "u"): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/**
 * White space, control and format characters, characters that a renderer may ignore, and two symbols that are drawn
 * blank.
 */
function isBlank(text: string): boolean {
  if (text.trim() === "") return true;
  const visible = unicode("[^\\p{Z}\\p{Cc}\\p{Cf}\\p{Default_Ignorable_Code_Point}\\u2800\\u{1d159}]");
  return visible !== undefined && !visible.test(text);
}

/** The problem of a field that looks like a question, such as `Q1`, `q03` or `answers`, but isn't one. */
function lookalikeRule(name: string): string | undefined {
  if (name.length > NAME_CHARACTERS || QUESTION.test(name)) return undefined;
  const rest = unicode("[^\\p{L}\\p{N}]", "gu");
  const digits = unicode("^q\\p{Nd}+$");
  if (rest === undefined || digits === undefined) return undefined;
  const simple = name.normalize("NFKC").toLowerCase();
  const bare = simple.replace(rest, "");
  const other = "is not a question: each answer is a field of its own, named q1, q2 and so on";
  if (bare === "answers") return other;
  if (!digits.test(bare)) return undefined;
  const meant = `q${Number(bare.slice(1))}`;
  const oneNumber = /^q\d+$/.test(bare) && /^\D*\d+\D*$/.test(simple);
  return oneNumber && QUESTION.test(meant) ? `must be named ${meant}` : other;
}

/** Shows characters that are invisible or look like ASCII: `q\u{a0}1`. */
function printable(name: string): string {
  return name.replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

function capped(sources: Iterable<RuleReason>[]): RuleReason[] {
  const reasons: RuleReason[] = [];
  for (const source of sources) {
    for (const reason of source) {
      if (reasons.length === REASONS_MAX) return [...reasons, { code: reason.code, message: "and more of this kind" }];
      reasons.push(reason);
    }
  }
  return reasons;
}
