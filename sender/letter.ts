import { inspectBody, MAX_BODY_BYTES } from "./bodyRules";
import { SenderError, shorten } from "./errors";

/** A survey ready to be sent. */
export interface Letter {
  /** The message body, exactly. */
  text: string;
  submissionId: string;
  /** The participant's token, once it is being sent. Never stored. */
  token?: string;
}

/** A survey that cannot become a letter. */
export interface Unsendable {
  submissionId: string;
  error: SenderError;
}

/**
 * Turns a text into a letter: JSON, an object, at most 1 MiB, only characters that SQS carries. The text itself stays
 * unchanged. The intake checks whether the answers make sense, not the sender.
 *
 * @param fallbackId the submission id if the text has none
 */
export function letterOf(text: string, fallbackId: string): Letter | Unsendable {
  const { bytes, invalidAt } = inspectBody(text);
  if (bytes > MAX_BODY_BYTES) return { submissionId: fallbackId, error: tooLarge(fallbackId, bytes) };
  const survey = parse(text, fallbackId);
  if (survey instanceof SenderError) return { submissionId: fallbackId, error: survey };
  const submissionId = submissionIdOf(survey) ?? fallbackId;
  if (invalidAt !== undefined) return { submissionId, error: invalidCharacter(submissionId, text, invalidAt) };
  return { text, submissionId };
}

/** `<user_id><timestamp>`, the name under which the intake stores the survey; undefined if one of them isn't a string. */
export function submissionIdOf(survey: object): string | undefined {
  const { user_id, timestamp } = survey as Record<string, unknown>;
  return typeof user_id === "string" && typeof timestamp === "string" ? `${user_id}${timestamp}` : undefined;
}

export function tooLarge(what: string, bytes?: number): SenderError {
  const size = bytes === undefined ? "more" : `${bytes} bytes`;
  const message = `${label(what)}: a body may be at most ${MAX_BODY_BYTES} bytes (1 MiB) as UTF-8, this one is ${size}.`;
  return new SenderError("TOO_LARGE", message, { value: bytes });
}

/** The name of a survey in a sentence. */
export function label(what: string): string {
  return shorten(what.replace(/\s+/g, " "), 120);
}

function parse(text: string, what: string): object | SenderError {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The engine's own message quotes the text, but no log may contain answers. So only the position is taken from it.
    const place = /position \d+/.exec(error instanceof Error ? error.message : "")?.[0];
    const why = text === "" ? "it is empty" : text.startsWith("\uFEFF") ? "it begins with a byte order mark" : place;
    return new SenderError("NOT_JSON", `${label(what)} is not JSON${why ? ` (${why})` : ""}.`, { cause: error });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  const kind = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
  return new SenderError("NOT_AN_OBJECT", `${label(what)}: a survey is a JSON object, this is ${kind}.`);
}

function invalidCharacter(what: string, text: string, at: number): SenderError {
  const point = (text.codePointAt(at) as number).toString(16).toUpperCase().padStart(4, "0");
  const message = `${label(what)} holds the character U+${point} at position ${at}, which SQS does not carry.`;
  return new SenderError("INVALID_CHARACTERS", message, { value: at });
}
