/** Collects the problems of what was typed, so that a command reports all of them at once. */
import { usage } from "./command";
import { EXIT, reportOf } from "./errors";

export class UsageProblems {
  private readonly misread: unknown[] = [];

  /** @param ofOptions that the parser found, a sentence each */
  constructor(private readonly ofOptions: readonly string[] = []) {}

  /**
   * Reads an option, a file or the like, and keeps a problem of usage for `check`.
   * @returns undefined if there is a problem
   */
  async read<T>(read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (reportOf(error).exitCode !== EXIT.usage) throw error;
      this.misread.push(error);
      return undefined as T;
    }
  }

  /** @throws RequestProblems `USAGE` if there are problems; the error of `read` if there is one problem only */
  check(): void {
    const problem = this.with(undefined);
    if (problem !== undefined) throw problem;
  }

  /** The error that ends the command, with all problems: those of the options come first. */
  with(error: unknown): unknown {
    // The error may be the one that was kept.
    const found = [...new Set([...this.misread, ...(reportOf(error).exitCode === EXIT.usage ? [error] : [])])];
    if (this.ofOptions.length + this.misread.length === 0) return error;
    const own = found.flatMap((each) => reportOf(each).document.error.problems);
    if (this.ofOptions.length === 0 && found.length === 1) return found[0];
    return usage([...new Set([...this.ofOptions, ...own])]);
  }
}
