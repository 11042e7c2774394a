import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./writableFolder";

/** The output of functions, one file for each log group: `.sluice/logs/<log group>.log`. */
export class LogFiles {
  readonly #folder: string;
  readonly #streams = new Map<string, WriteStream>();

  /** @throws SluiceError BAD_OPTION if nothing can be written there */
  constructor(folder: string) {
    this.#folder = folder;
    makeFolder(folder);
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
