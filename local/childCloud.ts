import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createSender, type Sender, type SenderOutput } from "../sender/index";
import type { FaultReport } from "./faults/faults";
import { IngestReader } from "./ingestState";
import { temporaryFolder } from "./temporaryFolder";

const ROOT = resolve(__dirname, "..");
const START_TIMEOUT_MS = 120_000;
/** A start that is told to stop notices it after loading a module, at the latest. */
const STOP_TIMEOUT_MS = 20_000;

/** What `npm run local` writes to its state file. */
export interface CloudState {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  outputs: { sender: SenderOutput; queueUrl: string; deadLetterQueueUrl: string; [name: string]: unknown };
}

/** A process of the local cloud that is ready. */
export interface LaunchedCloud {
  state: CloudState;
  process: ChildProcess;
  /** Its own folder, with the state file and the logs. */
  folder: string;
  /** Removes the folder. */
  remove: () => void;
}

/**
 * Starts `npm run local` and waits until it is ready.
 * @param config overrides of the dev stack's config.
 * @param signal ends the process while it starts.
 * @param options further ones of the command
 * @throws Error with the process's output, if it does not start within two minutes; the signal's reason. Nothing is left
 * running in either case.
 */
export async function launchCloud(
  config: Record<string, string>,
  signal?: AbortSignal,
  options: string[] = [],
): Promise<LaunchedCloud> {
  const { path: folder, remove } = temporaryFolder("sluice-child-");
  const file = join(folder, "local.json");
  const overrides = Object.entries(config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
  const args = ["--import", "./loader.mjs", "local/main.ts", "--state", file, ...options, ...overrides];
  // In a test, `process.env` is a copy, which is not the default.
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: process.env });
  // If this process ends first, the local cloud stops by itself.
  const stop = () => child.kill("SIGTERM");
  process.once("exit", stop);
  child.once("exit", () => process.off("exit", stop));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk));
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) {
      child.once("exit", (code, signal) => {
        if (crashed(code, signal))
          console.error(`A local cloud crashed (${signal ?? `exit code ${code}`}):\n${output}`);
      });
      return { state: JSON.parse(text), process: child, folder, remove };
    }
    if (child.exitCode !== null || signal?.aborted || performance.now() > deadline) {
      await endProcess(child);
      remove();
      signal?.throwIfAborted();
      throw new Error(`the local cloud did not start:\n${output}`);
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Whether it ended by itself. Signals that tests send don't count. */
function crashed(code: number | null, signal: NodeJS.Signals | null): boolean {
  return signal === null ? code !== 0 : !["SIGKILL", "SIGTERM", "SIGINT"].includes(signal);
}

/** Ends a start. A process that is killed would leave its temporary folder behind, so it gets the time to tidy up. */
async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killed = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(killed);
}

/**
 * The local cloud as a user runs it: a process of its own, reached over HTTP only. For tests, benchmarks and the soak.
 * The caller that starts one has to stop it.
 */
export class ChildCloud {
  readonly state: CloudState;
  readonly reader: IngestReader;
  readonly sender: Sender;
  readonly process: ChildProcess;
  readonly #folder: string;
  readonly #remove: () => void;

  constructor({ state, process, folder, remove }: LaunchedCloud) {
    this.state = state;
    this.process = process;
    this.#folder = folder;
    this.#remove = remove;
    this.reader = new IngestReader(state);
    const { endpoint, credentials } = state;
    // The sender checks no rules here, because the store function is tested, not the sender.
    this.sender = createSender(state.outputs.sender, { endpoint, credentials, rules: false });
  }

  /** See {@link launchCloud}. */
  static async start(config: Record<string, string> = {}, signal?: AbortSignal): Promise<ChildCloud> {
    return new ChildCloud(await launchCloud(config, signal));
  }

  /** The file that describes how to reach it, like a user's `.sluice/local.json`. */
  get stateFile(): string {
    return join(this.#folder, "local.json");
  }

  /** Settings for any client of the AWS SDK. */
  get client(): Pick<CloudState, "endpoint" | "region" | "credentials"> {
    const { endpoint, region, credentials } = this.state;
    return { endpoint, region, credentials };
  }

  /** Replaces the fault rules. @returns what the former rules did. */
  async setFaults(rules: object[], seed = 1): Promise<FaultReport> {
    return (await this.administer("PUT", "faults", { seed, rules })) as unknown as FaultReport;
  }

  /** What the rules in force did so far. */
  async faults(): Promise<FaultReport> {
    return (await this.administer("GET", "faults")) as unknown as FaultReport;
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

  /** What the roles' policies refused so far, by role. */
  async refusals(): Promise<{ role: string; refused: unknown[] }[]> {
    const { roles } = (await this.administer("GET", "permissions")) as {
      roles: { role: string; refused: unknown[] }[];
    };
    return roles.filter(({ refused }) => refused.length > 0);
  }

  /** Everything a function wrote to its log so far. @param group what the log group's name begins with. */
  async logs(group = String(this.state.outputs.logGroup)): Promise<string> {
    const folder = join(this.#folder, "logs");
    const files = await readdir(folder).catch(() => []);
    const texts = files.filter((file) => file.startsWith(group)).map((file) => readFile(join(folder, file), "utf8"));
    return (await Promise.all(texts)).join("");
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Stops it. @returns how long that took, in milliseconds. */
  async stop(): Promise<number> {
    const started = performance.now();
    if (this.running) {
      const exited = new Promise((done) => this.process.once("exit", done));
      // Ctrl-C on a terminal has reached it already, and a second SIGINT would end it at once.
      this.process.kill("SIGTERM");
      await exited;
    }
    this.sender.close();
    this.#remove();
    return performance.now() - started;
  }
}
