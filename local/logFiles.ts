import { createWriteStream, type WriteStream } from "node:fs";
import { join } from "node:path";
import { SluiceError } from "../shared/errors";
import { makeFolder } from "./writableFolder";

/** The output of functions, one file for each log group: `.sluice/logs/<log group>.log`. */
export class LogFiles {
  readonly #folder: string;
  readonly #onError: (error: SluiceError) => void;
  readonly #streams = new Map<string, WriteStream>();

  /**
   * @param onError called once for a log group whose file can't be written, such as when the disk is full or the folder is gone.
   * Default: reports it on standard error. @throws SluiceError BAD_OPTION if nothing can be written there
   */
  constructor(folder: string, onError = complain) {
    this.#folder = folder;
    this.#onError = onError;
    makeFolder(folder);
  }

  write(logGroup: string, text: string): void {
    let stream = this.#streams.get(logGroup);
    if (!stream) {
      stream = createWriteStream(join(this.#folder, `${logGroup.replaceAll("/", "_")}.log`), { flags: "a" });
      // Its later lines are lost.
      stream.on("error", (cause) => this.#onError(unwritable(logGroup, cause)));
      this.#streams.set(logGroup, stream);
    }
    if (!stream.destroyed) stream.write(text);
  }
}

function unwritable(logGroup: string, cause: Error): SluiceError {
  const message = `The log of ${logGroup} can't be written: ${cause.message}.`;
  return new SluiceError("LOG_FILE", message, { value: logGroup, cause });
}

function complain({ message }: SluiceError): void {
  process.stderr.write(`local cloud: ${message}\n`);
}
