import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../../shared/clock";
import { SluiceError } from "../../../shared/errors";
import type { LogWriter } from "../../gateway/permissions/callers/logWriter";
import type { Permissions } from "../../gateway/permissions/permissions";
import type { Principals } from "../../gateway/principals";
import type { RoleCaller } from "../../gateway/roleCaller";
import { type RoleCredentials, roleVariables } from "../../roleVariables";
import type { GlueJob, RunOptions } from "../glueJob";
import type { GlueEnvironment } from "../python/environment";
import { logGroups, mergedArguments, pythonFiles, scriptArguments, sparkProperties } from "./arguments";
import { failureIn, TAIL_CHARACTERS } from "./failure";
import { LogTail } from "./logTail";
import { killProcess } from "./processes";
import { layOut, type RunFiles, SYSTEM_LOG, TASK_LOG } from "./runFiles";
import { SparkProcess } from "./sparkProcess";

/** The most executors of a run, and the tasks of each: a laptop has few cores, whatever the worker type is. */
const EXECUTORS_MAX = 2;
const CORES = 2;

/** Glue's name for its sessions. */
const SESSION = "GlueJobRunnerSession";

export type JobRunState = "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "SUCCEEDED" | "FAILED" | "TIMEOUT";

/** States in which a run counts among the concurrent ones. */
const UNDER_WAY: readonly JobRunState[] = ["STARTING", "RUNNING", "STOPPING"];

export interface JobRunOptions {
  job: GlueJob;
  options: RunOptions;
  environment: GlueEnvironment;
  /** A folder of the run's own. */
  folder: string;
  region: string;
  endpoint: string;
  principals: Principals;
  permissions: Pick<Permissions, "refusalOf">;
  caller: RoleCaller;
  clock: Clock;
  /** Numbers in [0, 1). */
  random: () => number;
  logs: Pick<LogWriter, "write">;
  /** Called when the run has ended. */
  onEnd: (run: JobRun) => void;
}

/** One run of a Glue job: a script under Spark, from its start to its end. */
export class JobRun {
  readonly id = `jr_${randomBytes(32).toString("hex")}`;
  readonly given: JobRunOptions;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly #arguments: Readonly<Record<string, string>>;
  readonly #ending = new AbortController();
  #spark: SparkProcess | undefined;
  #state: JobRunState = "STARTING";
  #changedAt: number;
  #endedAt: number | undefined;
  #errorMessage: string | undefined;
  #hasTimedOut = false;
  /** The end of what the driver printed. */
  #tail = "";

  constructor(given: JobRunOptions) {
    this.given = given;
    this.startedAt = this.#changedAt = given.clock.now();
    this.#arguments = mergedArguments(given.job, given.options.arguments);
  }

  get state(): JobRunState {
    return this.#state;
  }

  get isUnderWay(): boolean {
    return UNDER_WAY.includes(this.#state);
  }

  /** When the state changed last, milliseconds since the epoch. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** Milliseconds since the epoch; undefined while it is under way. */
  get endedAt(): number | undefined {
    return this.#endedAt;
  }

  get errorMessage(): string | undefined {
    return this.#errorMessage;
  }

  /** Process ids of the live executors. */
  async executors(): Promise<number[]> {
    return (await this.#spark?.executors()) ?? [];
  }

  /** Ends all its processes; it is stopped once they are gone. */
  stop(): void {
    if (!this.isUnderWay) return;
    this.#enter("STOPPING");
    this.#end();
  }

  /** From start to end. Never rejects. */
  async run(): Promise<void> {
    const { clock, options } = this.given;
    if ("--enable-metrics" in this.#arguments) await this.#askForMetrics();
    const timer = clock.sleep(options.timeoutMinutes * 60_000, this.#ending.signal).then(
      () => this.#timeOut(),
      () => undefined,
    );
    const failure = await this.#runScript().catch((error: unknown) => {
      return error instanceof SluiceError ? error.message : String(error);
    });
    this.#ending.abort();
    await timer;
    this.#conclude(failure);
    this.given.onEnd(this);
  }

  /** Metrics that the role may not write are lost: on AWS silently, here with a line in the log of refusals. */
  async #askForMetrics(): Promise<void> {
    const context = { "cloudwatch:namespace": () => "Glue" };
    const need = { action: "cloudwatch:PutMetricData", resource: "*", context };
    await this.given.permissions.refusalOf(this.given.caller.principal, need);
  }

  /** @returns why it failed; undefined if it did not. */
  async #runScript(): Promise<string | undefined> {
    const { job, environment, folder, caller, options } = this.given;
    const places = { script: job.scriptLocation, pythonFiles: pythonFiles(this.#arguments) };
    const files = await layOut(folder, places, environment, caller);
    if (this.#ending.signal.aborted) return "ended before the script began";
    const credentials = this.#credentials();
    const tail = this.#followExecutors(files);
    try {
      this.#spark = new SparkProcess({
        ...{ environment, files, cores: CORES, properties: sparkProperties(this.#arguments) },
        arguments: scriptArguments(this.#arguments, job.name, this.id),
        executors: Math.min(options.numberOfWorkers - 1, EXECUTORS_MAX),
        variables: this.#variables(credentials),
        onOutput: (text) => {
          this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
          this.#log("output", "driver", text);
        },
      });
      this.#enter("RUNNING");
      const code = await this.#spark.ended;
      return code === 0 ? undefined : failureIn(this.#tail, code);
    } finally {
      this.given.principals.revoke(credentials.accessKeyId);
      await tail.stop();
    }
  }

  #credentials() {
    const { principals, job } = this.given;
    // A rule that kills the caller hits one of the executors: all have the same credentials.
    const kill = () => void this.#killExecutor().catch((error) => this.#log("error", "driver", `${error}\n`));
    return principals.issue({ kind: "role", roleArn: job.roleArn, sessionName: SESSION, name: job.name, kill });
  }

  async #killExecutor(): Promise<void> {
    const executors = await this.executors();
    const pid = executors[Math.floor(this.given.random() * executors.length)];
    if (pid !== undefined) killProcess(pid);
  }

  #variables(credentials: RoleCredentials) {
    return {
      ...roleVariables(this.given, credentials),
      // The user's own settings are left out.
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  #followExecutors({ folder, sparkHome }: RunFiles): LogTail {
    const work = join(sparkHome, "work/*/*");
    const patterns = [
      ...["stdout", "stderr", TASK_LOG, SYSTEM_LOG].map((name) => join(work, name)),
      join(folder, SYSTEM_LOG),
    ];
    return new LogTail(patterns, (file, text) => {
      const executor = /\/work\/[^/]+\/(\d+)\//.exec(file)?.[1];
      this.#log(file.endsWith(SYSTEM_LOG) ? "error" : "output", executor ?? "driver", text);
    });
  }

  #log(group: "output" | "error", process: string, text: string): void {
    const logGroup = logGroups(this.#arguments)[group];
    this.given.logs.write({ name: `${this.id}-${process}`, roleArn: this.given.job.roleArn, logGroup }, text);
  }

  #timeOut(): void {
    this.#hasTimedOut = true;
    this.#end();
  }

  #end(): void {
    this.#ending.abort();
    this.#spark?.kill();
  }

  #conclude(failure: string | undefined): void {
    if (this.#state === "STOPPING") this.#enter("STOPPED");
    else if (this.#hasTimedOut) this.#enter("TIMEOUT", "Job timeout");
    else if (failure !== undefined) this.#enter("FAILED", failure);
    else this.#enter("SUCCEEDED");
    this.#endedAt = this.#changedAt;
  }

  #enter(state: JobRunState, errorMessage?: string): void {
    this.#state = state;
    this.#errorMessage = errorMessage;
    this.#changedAt = this.given.clock.now();
  }
}
