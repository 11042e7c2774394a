import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { IngestReader } from "../../local/ingestState";
import { createSender, type Sender, type SenderOutput } from "../../sender";

const ROOT = resolve(__dirname, "../..");
const START_TIMEOUT_MS = 60_000;

/** What `npm run local` writes to its state file. */
export interface CloudState {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  outputs: { sender: SenderOutput; queueUrl: string; deadLetterQueueUrl: string; [name: string]: unknown };
}

/** The local cloud as a user runs it: a process of its own, reached over HTTP only. */
export class RunningCloud {
  readonly state: CloudState;
  readonly reader: IngestReader;
  readonly sender: Sender;
  readonly process: ChildProcess;
  readonly #folder: string;

  private constructor(state: CloudState, process: ChildProcess, folder: string) {
    this.state = state;
    this.process = process;
    this.#folder = folder;
    this.reader = new IngestReader(state);
    const { endpoint, credentials } = state;
    this.sender = createSender(state.outputs.sender, { endpoint, credentials });
  }

  /** @param config overrides of the dev stack's config. */
  static async start(config: Record<string, string> = {}): Promise<RunningCloud> {
    const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
    const file = join(folder, "local.json");
    const overrides = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    const args = ["--import", "tsx", "local/main.ts", "--state", file, ...overrides];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk));
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const text = await readFile(file, "utf8").catch(() => undefined);
      if (text !== undefined) return new RunningCloud(JSON.parse(text), child, folder);
      if (child.exitCode !== null || performance.now() > deadline) {
        child.kill("SIGKILL");
        throw new Error(`the local cloud did not start:\n${output}`);
      }
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  /** Settings for any client of the AWS SDK. */
  get client(): Pick<CloudState, "endpoint" | "region" | "credentials"> {
    const { endpoint, region, credentials } = this.state;
    return { endpoint, region, credentials };
  }

  /** Replaces the fault rules. */
  async setFaults(rules: object[], seed = 1): Promise<void> {
    await this.administer("PUT", "faults", { seed, rules });
  }

  /** Calls the administrative endpoint. */
  async administer(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const { accessKeyId, secretAccessKey } = this.state.credentials;
    const response = await fetch(`${this.state.endpoint}/_sluice/${path}`, {
      method,
      headers: { authorization: `Basic ${btoa(`${accessKeyId}:${secretAccessKey}`)}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Everything the functions wrote to their logs so far. */
  async logs(): Promise<string> {
    return readFile(join(this.#folder, "logs", `${this.state.outputs.logGroup}.log`), "utf8").catch(() => "");
  }

  /** Stops it as Ctrl-C does. @returns how long that took, in milliseconds. */
  async stop(): Promise<number> {
    const started = performance.now();
    if (this.process.exitCode === null && this.process.signalCode === null) {
      // Whatever a test did, the roles' policies must have allowed it.
      const { roles } = (await this.administer("GET", "permissions")) as {
        roles: { role: string; refused: unknown[] }[];
      };
      const refused = roles.filter((one) => one.refused.length > 0);
      if (refused.length > 0) throw new Error(`refused by the roles' policies: ${JSON.stringify(refused)}`);
      const exited = new Promise((done) => this.process.once("exit", done));
      this.process.kill("SIGINT");
      await exited;
    }
    this.sender.close();
    rmSync(this.#folder, { recursive: true, force: true });
    return performance.now() - started;
  }
}
