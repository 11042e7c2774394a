import { SenderError } from "./errors";
import { type Letter, letterOf, type Unsendable } from "./letter";
import { readBytes } from "./nodeFs";
import { fileId, letterOfBytes, readSurvey, type Survey, serialise } from "./readSurvey";

/** A submission in the outbox's form, and the parsed result. */
export interface Draft {
  /** The content to keep: any file's bytes, or an object's JSON. Absent if there is none. */
  content?: string | Uint8Array;
  letter: Letter | Unsendable;
}

/** Reads a submission for keeping. Unlike for sending, a file that can never be sent is read as well. Never rejects. */
export async function draftOf(survey: Survey): Promise<Draft> {
  if (typeof survey === "string") {
    try {
      const content = await readBytes(survey);
      return { content, letter: letterOfBytes(content, fileId(survey)) };
    } catch (error) {
      return { letter: { submissionId: fileId(survey), error: error as SenderError } };
    }
  }
  const letter = await readSurvey(survey);
  if (!("error" in letter)) return { content: letter.text, letter };
  const content = serialise(survey);
  return content instanceof SenderError ? { letter } : { content, letter };
}

/** An entry's content, read back. */
export function letterOfContent(content: string | Uint8Array, name: string): Letter | Unsendable {
  return typeof content === "string" ? letterOf(content, name) : letterOfBytes(content, name);
}

/**
 * A name that no other entry has, in the order of saving: milliseconds since 1970, a count, 64 random bits, and
 * as much of the submission's id as a file name can show.
 */
export function entryName(now: number, count: number, random: () => number, submissionId: string): string {
  const bits = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const time = String(now).padStart(15, "0");
  const shown = submissionId
    .replace(/\.json$/, "")
    .replace(/[^A-Za-z0-9_-]/g, "_")
    .slice(0, 64);
  return `${time}-${String(count % 10_000).padStart(4, "0")}-${bits()}${bits()}-${shown}.json`;
}
