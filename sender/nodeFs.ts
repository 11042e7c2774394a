import { describe, SenderError, shorten } from "./errors";
import { tooLarge } from "./letter";

/**
 * The part of `node:fs/promises` that the sender uses; tests give one that crashes half-way. Written out, because an app's
 * types need not include Node's.
 */
export interface NodeFs {
  mkdir(path: string): Promise<unknown>;
  open(path: string, flags: string): Promise<NodeFile>;
  readdir(path: string, options: { withFileTypes: true }): Promise<{ name: string; isFile(): boolean }[]>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<{ isFile(): boolean; mtimeMs: number }>;
  unlink(path: string): Promise<void>;
}

export interface NodeFile {
  stat(): Promise<{ size: number }>;
  readFile(): Promise<Uint8Array>;
  writeFile(content: string | Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Node's file system, loaded only when a path is used. The `.catch` is what lets bundlers for platforms without `node:fs`
 * ignore the import; React Native's Metro takes `nodeFs.native.ts` instead of this file.
 *
 * @throws SenderError `FILES_UNSUPPORTED`
 */
export async function loadNodeFs(): Promise<NodeFs> {
  const fs = await import("node:fs/promises").catch(() => undefined);
  if (fs === undefined) throw new SenderError("FILES_UNSUPPORTED", "There is no file system here: pass the object.");
  return fs;
}

/**
 * The bytes of a regular file of at most `limit` bytes.
 *
 * @throws SenderError `FILE_NOT_FOUND`, `NOT_A_FILE`, `TOO_LARGE`, `FILE_UNREADABLE`, `FILES_UNSUPPORTED`
 */
export async function readBytes(path: string, limit = Number.POSITIVE_INFINITY, fs?: NodeFs): Promise<Uint8Array> {
  const { open, stat } = fs ?? (await loadNodeFs());
  const shown = shorten(path.replace(/\s+/g, " "), 200);
  try {
    // Checked before opening: opening a pipe without a writer would wait for ever.
    if (!(await stat(path)).isFile()) throw new SenderError("NOT_A_FILE", `${shown} is not a file.`);
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size > limit) throw tooLarge(shown, size);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof SenderError) throw error;
    if (isCode(error, "ENOENT", "ENOTDIR")) {
      const hint = path.trimStart().startsWith("{") ? " (a string is a path: pass the object, not its JSON)" : "";
      throw new SenderError("FILE_NOT_FOUND", `There is no file ${shown}${hint}.`, { cause: error });
    }
    throw new SenderError("FILE_UNREADABLE", `${shown} cannot be read: ${describe(error)}`, { cause: error });
  }
}

/** True for an error of Node with one of these codes. */
export function isCode(error: unknown, ...codes: string[]): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && codes.includes(code);
}
