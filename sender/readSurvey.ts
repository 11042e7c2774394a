import { MAX_BODY_BYTES } from "./bodyRules";
import { describe, SenderError } from "./errors";
import { type Letter, label, letterOf, tooLarge, type Unsendable } from "./letter";
import { readBytes } from "./nodeFs";

/** The input of an app: a string is the path of a file, anything else the survey itself. */
export type Survey = string | object;

/**
 * Reads a survey of any kind into something that can be sent. Never rejects.
 *
 * A file's text is the body byte for byte. An object is written by `JSON.stringify`. The submission id of a survey
 * without `user_id` and `timestamp` is the file's name, or `unidentified-` and a hash of the body, or just `unidentified`
 * if there is no body either.
 */
export async function readSurvey(survey: Survey): Promise<Letter | Unsendable> {
  try {
    return typeof survey === "string" ? await readFile(survey) : readObject(survey);
  } catch (error) {
    const failure = error instanceof SenderError ? error : new SenderError("BAD_SURVEY", describe(error));
    return { submissionId: typeof survey === "string" ? fileId(survey) : "unidentified", error: failure };
  }
}

/** A letter from a file's bytes, which should be UTF-8. */
export function letterOfBytes(bytes: Uint8Array, fallbackId: string): Letter | Unsendable {
  if (bytes.length > MAX_BODY_BYTES) return { submissionId: fallbackId, error: tooLarge(fallbackId) };
  try {
    // ignoreBOM keeps a byte order mark as a character: the body must be the file, byte for byte.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return letterOf(text, fallbackId);
  } catch {
    return { submissionId: fallbackId, error: new SenderError("NOT_UTF8", `${label(fallbackId)} is not UTF-8 text.`) };
  }
}

/** The last part of a path, which stands in for an id that the content lacks. */
export function fileId(path: string): string {
  const name = path.split(/[\\/]/).filter(Boolean).pop();
  return name === undefined || name.length > 255 || /[{\n]/.test(name) ? "unidentified" : name;
}

/** The JSON of an object, or the reason why there is none. */
export function serialise(survey: unknown): string | SenderError {
  if (typeof survey !== "object" || survey === null) {
    const kind = survey === null ? "null" : typeof survey;
    return new SenderError("BAD_SURVEY", `survey must be the path of a file or an object, got ${kind}.`);
  }
  try {
    const text: unknown = JSON.stringify(survey);
    // JSON.stringify leaves these two unchanged, but SQS does not carry them; as escapes they mean the same.
    if (typeof text === "string") return text.replace(/\uFFFE/g, "\\ufffe").replace(/\uFFFF/g, "\\uffff");
    return new SenderError("NOT_SERIALISABLE", "The survey cannot be written as JSON: its toJSON returns nothing.");
  } catch (error) {
    return new SenderError("NOT_SERIALISABLE", `The survey cannot be written as JSON: ${describe(error)}`);
  }
}

async function readFile(path: string): Promise<Letter | Unsendable> {
  return letterOfBytes(await readBytes(path, MAX_BODY_BYTES), fileId(path));
}

function readObject(survey: unknown): Letter | Unsendable {
  const text = serialise(survey);
  if (text instanceof SenderError) return { submissionId: "unidentified", error: text };
  return letterOf(text, `unidentified-${hash53(text)}`);
}

/** cyrb53, a 53-bit hash that distinguishes bodies (not for security); 14 hexadecimal digits. */
function hash53(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16).padStart(14, "0");
}
