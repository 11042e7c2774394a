import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** A forbidden import, or one that takes part in a cycle. For cycles of folders `from` and `to` are folders. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  /** Every file with its imports: own files by their path from the root, packages by the path of the file in use. */
  readonly imports: readonly (readonly [file: string, imported: readonly string[]])[];
  readonly violations: readonly Violation[];
}

const CRUISE = join(__dirname, "cruise.mjs");

/** Reads what the files of each folder import and applies the rules to it. */
export async function graphsOf(folders: readonly string[]): Promise<Graph[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [CRUISE, ...folders], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}
