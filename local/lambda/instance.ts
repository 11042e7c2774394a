import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { InvocationFaults } from "../faults/invocation";
import type { Principals } from "../gateway/principals";
import { type RoleCredentials, roleVariables } from "../roleVariables";
import type { FunctionError, FunctionSpec, InvocationResult } from "./functionSpec";

export interface InstanceOptions {
  spec: FunctionSpec;
  endpoint: string;
  region: string;
  principals: Principals;
  /** True makes loading the handler fail, by a fault rule. */
  failToLoad: boolean;
  /** Receives the function's standard output and error. */
  onLog: (text: string) => void;
}

export interface Invocation {
  /** The event as JSON. */
  readonly payload: string;
  readonly requestId: string;
  /** Undefined: the handler's context has none. */
  readonly clientContext: unknown;
}

/** The error of invocations that the end of the local cloud ends. */
export const STOPPED: FunctionError = { errorType: "Runtime.ExitError", errorMessage: "the local cloud stops" };
const KILLED = ["Runtime.ExitError", "killed by a fault rule"] as const;

// Lambda freezes idle instances. Without this flag V8 collects all their garbage about eight seconds after they became idle. When many
// became idle at once, everything else on the machine then stood still for up to 200 ms.
setFlagsFromString("--no-memory-reducer");

type Message =
  | { type: "ready" }
  | { type: "failedToLoad"; error: FunctionError }
  | { type: "result"; requestId: string; payload: string }
  | { type: "error"; requestId: string; error: FunctionError };

/**
 * One execution environment: a thread with its own module graph, its own credentials and nothing of this process's
 * environment. It takes one invocation at a time. A timeout or a kill ends the thread wherever it is.
 */
export class Instance {
  readonly #options: InstanceOptions;
  readonly #worker: Worker;
  readonly #accessKeyId: string;
  readonly #loaded: Promise<FunctionError | undefined>;
  readonly #startedAt = performance.now();
  #initMs = 0;
  #finish: ((result: InvocationResult) => void) | undefined;
  #dead: FunctionError | undefined;

  constructor(options: InstanceOptions) {
    this.#options = options;
    const { spec, principals } = options;
    const sessionName = `${spec.name}-${randomUUID().slice(0, 8)}`;
    const credentials = principals.issue({
      kind: "role",
      roleArn: spec.roleArn,
      sessionName,
      name: spec.name,
      kill: () => this.kill(...KILLED),
    });
    this.#accessKeyId = credentials.accessKeyId;
    this.#worker = new Worker(join(__dirname, "bootstrap.mjs"), {
      env: environmentOf(options, credentials, sessionName),
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: spec.memoryMegabytes },
      workerData: {
        taskRoot: spec.taskRoot,
        handler: spec.handler,
        context: contextOf(spec, sessionName),
        failToLoad: options.failToLoad,
      },
    });
    this.#worker.stdout.on("data", (chunk: Buffer) => options.onLog(chunk.toString()));
    this.#worker.stderr.on("data", (chunk: Buffer) => options.onLog(chunk.toString()));
    this.#loaded = this.#listen().finally(() => {
      this.#initMs = performance.now() - this.#startedAt;
    });
  }

  /** Milliseconds from its start until the handler was loaded, or failed to; 0 until then. */
  get initMs(): number {
    return this.#initMs;
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  /** Runs the handler once. Not to be called again before it has resolved. Never rejects. */
  async invoke(invocation: Invocation, { hang, killAfterMs }: InvocationFaults): Promise<InvocationResult> {
    const { requestId } = invocation;
    const failedToLoad = await this.#loaded;
    if (failedToLoad ?? this.#dead) return { functionError: (failedToLoad ?? this.#dead) as FunctionError };
    const timeoutMs = this.#options.spec.timeoutSeconds * 1000;
    const result = new Promise<InvocationResult>((resolve) => {
      this.#finish = resolve;
    });
    const timer = setTimeout(() => {
      const seconds = this.#options.spec.timeoutSeconds.toFixed(2);
      this.kill("Sandbox.Timedout", `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`);
    }, timeoutMs);
    const killer = killAfterMs === undefined ? undefined : setTimeout(() => this.kill(...KILLED), killAfterMs);
    if (!hang) this.#worker.postMessage({ ...invocation, deadline: Date.now() + timeoutMs });
    return result.finally(() => {
      clearTimeout(timer);
      clearTimeout(killer);
    });
  }

  /** Ends the thread now. A running invocation fails with the given error. */
  kill(errorType: string, errorMessage: string): void {
    this.#die({ errorType, errorMessage });
    void this.#worker.terminate();
  }

  async stop(): Promise<void> {
    this.#die(STOPPED);
    await this.#worker.terminate();
  }

  #listen(): Promise<FunctionError | undefined> {
    return new Promise((resolve) => {
      this.#worker.on("message", (message: Message) => {
        if (message.type === "ready") resolve(undefined);
        else if (message.type === "failedToLoad") {
          this.kill(message.error.errorType, message.error.errorMessage);
          resolve(message.error);
        } else if (message.type === "result") this.#finish?.({ payload: message.payload });
        else this.#finish?.({ functionError: message.error });
      });
      this.#worker.on("error", (error: Error) => {
        this.#die({ errorType: error.name, errorMessage: error.message });
        resolve(this.#dead);
      });
      this.#worker.on("exit", () => {
        this.#die({ errorType: "Runtime.ExitError", errorMessage: "Runtime exited without providing a reason" });
        resolve(this.#dead);
      });
    });
  }

  #die(error: FunctionError): void {
    this.#dead ??= error;
    this.#options.principals.revoke(this.#accessKeyId);
    this.#finish?.({ functionError: this.#dead });
  }
}

function environmentOf(
  { spec, endpoint, region }: InstanceOptions,
  credentials: RoleCredentials,
  logStream: string,
): Record<string, string> {
  return {
    ...spec.environment,
    ...roleVariables({ region, endpoint }, credentials),
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMegabytes),
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    LAMBDA_TASK_ROOT: spec.taskRoot,
    _HANDLER: spec.handler,
    TZ: ":UTC",
  };
}

function contextOf(spec: FunctionSpec, logStreamName: string) {
  return {
    functionName: spec.name,
    functionVersion: "$LATEST",
    invokedFunctionArn: spec.arn,
    memoryLimitInMB: String(spec.memoryMegabytes),
    logGroupName: spec.logGroup,
    logStreamName,
  };
}
