import type { Principal } from "../../principals";
import { arnOf } from "../needs/need";
import type { Permissions } from "../permissions";

/** A function that writes to its log. */
interface Writer {
  name: string;
  roleArn: string;
  logGroup: string;
}

/**
 * Writes functions' logs as Lambda does, with the permissions of their roles: `CreateLogStream` before the first line,
 * `PutLogEvents` for each write. Lines that a role may not write are lost: on AWS silently, here with a line in the log
 * of refusals.
 */
export class LogWriter {
  readonly #permissions: Permissions;
  readonly #write: (logGroup: string, stream: string, text: string) => void;
  readonly #streams = new Map<string, Promise<boolean>>();
  #last: Promise<void> = Promise.resolve();

  constructor(permissions: Permissions, write: (logGroup: string, stream: string, text: string) => void) {
    this.#permissions = permissions;
    this.#write = write;
  }

  /** Writes in the order of the calls. */
  write(writer: Writer, text: string): void {
    const write = async () => {
      if (await this.#mayWrite(writer)) this.#write(writer.logGroup, writer.name, text);
    };
    // A write that fails doesn't stop the others.
    this.#last = this.#last.then(write).catch(() => undefined);
  }

  /** Resolves when all is written. */
  written(): Promise<void> {
    return this.#last;
  }

  async #mayWrite(writer: Writer): Promise<boolean> {
    const stream = this.#streams.get(writer.name) ?? this.#may("CreateLogStream", writer);
    this.#streams.set(writer.name, stream);
    return (await stream) && this.#may("PutLogEvents", writer);
  }

  async #may(action: string, { name, roleArn, logGroup }: Writer): Promise<boolean> {
    const principal: Principal = { kind: "role", roleArn, sessionName: name };
    const resource = arnOf("logs", this.#permissions.place, `log-group:${logGroup}:log-stream:${name}`);
    return (
      (await this.#permissions.refusalOf(principal, { action: `logs:${action}`, resource, context: {} })) === undefined
    );
  }
}
