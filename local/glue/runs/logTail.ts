import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";

const EVERY_MS = 250;

/** Follows the files, line by line, that match patterns, also those that come later. */
export class LogTail {
  readonly #patterns: readonly string[];
  readonly #onText: (file: string, text: string) => void;
  readonly #read = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();

  constructor(patterns: readonly string[], onText: (file: string, text: string) => void) {
    this.#patterns = patterns;
    this.#onText = onText;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  /** Passes on what is left, and ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#look(true);
  }

  /** @param isLast whether a line without an end counts as well. */
  #look(isLast = false): Promise<void> {
    this.#last = this.#last.then(async () => {
      for (const file of globSync([...this.#patterns])) await this.#follow(file, isLast);
    });
    return this.#last;
  }

  async #follow(file: string, isLast: boolean): Promise<void> {
    const from = this.#read.get(file) ?? 0;
    const written = (await readFile(file).catch(() => Buffer.alloc(0))).subarray(from);
    const whole = isLast ? written.length : written.lastIndexOf("\n") + 1;
    if (whole === 0) return;
    this.#read.set(file, from + whole);
    this.#onText(file, written.subarray(0, whole).toString());
  }
}
