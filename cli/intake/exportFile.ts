/** Where an export goes: a file that is complete or absent, or standard output. */
import { createWriteStream } from "node:fs";
import { access, constants, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SluiceError } from "../../shared/errors";
import { interrupted } from "../errors";
import { whyUnreadable } from "../whyUnreadable";

/** System calls that fail if a file can't be written. AWS calls that run at the same time may fail too. */
const OF_FILES = new Set(["open", "write", "writev", "fsync", "close", "rename"]);
/** Characters written at once. */
const CHUNK = 65_536;

/** Why a file can't be written, a sentence each. */
export async function fileProblems(path: string): Promise<string[]> {
  const to = resolve(path);
  const isFolder = await stat(to).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return [`--out must be a file, but ${path} is a folder.`];
  return access(dirname(to), constants.W_OK).then(
    () => [],
    (error) => [`--out must be in a folder where you can write, but ${dirname(to)} ${whyUnreadable(error)}.`],
  );
}

/** Where an export is written until it is complete. */
export function unfinishedFile(path: string): string {
  const to = resolve(path);
  return join(dirname(to), `.${basename(to)}.${process.pid}.part`);
}

/**
 * Writes lines to a file that only its owner may read. They go to a temporary file beside it, which takes its name at the
 * end; a file of that name is replaced then and not before.
 * @throws SluiceError EXPORT_FILE if the file can't be written; the reason of the signal.
 */
export async function writeFileOf(lines: AsyncIterable<string>, path: string, signal: AbortSignal): Promise<void> {
  const to = resolve(path);
  const temporary = unfinishedFile(path);
  try {
    const file = createWriteStream(temporary, { flags: "w", mode: 0o600, flush: true });
    await pipeline(Readable.from(chunks(lines)), file, { signal });
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    if (signal.aborted) throw interrupted(INTERRUPTED);
    if (!OF_FILES.has((error as NodeJS.ErrnoException).syscall ?? "")) throw error;
    const message = `${path} can't be written: ${(error as Error).message}.`;
    throw new SluiceError("EXPORT_FILE", message, { value: path, cause: error });
  }
}

/** Writes lines to a stream that stays open. @throws the reason of the signal */
export async function writeTo(
  lines: AsyncIterable<string>,
  stream: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pipeline(Readable.from(chunks(lines)), stream, { signal, end: false });
  } catch (error) {
    throw signal.aborted ? interrupted(INTERRUPTED) : error;
  }
}

const INTERRUPTED = "Interrupted: the export is not complete, and no file was written.";

async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
