import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";

/** The output of functions, one file for each log group: `.sluice/logs/<log group>.log`. */
export class LogFiles {
  readonly #folder: string;
  readonly #streams = new Map<string, WriteStream>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  write(logGroup: string, text: string): void {
    let stream = this.#streams.get(logGroup);
    if (!stream) {
      stream = createWriteStream(join(this.#folder, `${logGroup.replaceAll("/", "_")}.log`), { flags: "a" });
      this.#streams.set(logGroup, stream);
    }
    stream.write(text);
  }
}
