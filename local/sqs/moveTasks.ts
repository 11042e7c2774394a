import { randomUUID } from "node:crypto";
import type { Clock } from "../../shared/clock";
import type { QueuesAndBuckets } from "../backends/queuesAndBuckets";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { type BackendResponse, jsonResponse } from "../gateway/message";
import { sourceArnOf, taskHandle } from "../gateway/permissions/needs/taskHandle";
import type { Permissions } from "../gateway/permissions/permissions";
import { refuse } from "../gateway/permissions/refusal";
import { type MoveTask, runMove, urlOf } from "./moveTask";

/** Tasks of a dead-letter queue that are kept, the newest ones (API reference, ListMessageMoveTasks). */
const KEPT_MAX = 10;
const RATE_MAX = 500;

export interface MoveTasksOptions {
  backend: Pick<QueuesAndBuckets, "sqs">;
  permissions: Pick<Permissions, "refusalOf">;
  clock: Clock;
  /** Called with an unexpected error that ends a task. */
  onError: (error: unknown) => void;
}

interface Redrive {
  queueArn: string;
  deadLetterArn: string;
}

/** The redrive of dead letters, which fauxqs doesn't have: `StartMessageMoveTask`, `ListMessageMoveTasks`, `CancelMessageMoveTask`. */
export class MoveTasks {
  readonly #options: MoveTasksOptions;
  readonly #tasks: MoveTask[] = [];
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: MoveTasksOptions) {
    this.#options = options;
  }

  /** @returns undefined for any other call. */
  async handle(call: Call): Promise<BackendResponse | undefined> {
    if (call.action === "StartMessageMoveTask") return this.#start(call);
    if (call.action === "ListMessageMoveTasks") return this.#list(call);
    if (call.action === "CancelMessageMoveTask") return this.#cancel(call);
    return undefined;
  }

  /** Stops all tasks. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error("the local cloud stops"));
    await Promise.all(this.#running);
  }

  async #start(call: Call): Promise<BackendResponse> {
    const { SourceArn: sourceArn, DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: rate } = call.input;
    if (rate !== undefined && !isWithin(rate, 1, RATE_MAX)) {
      return invalid(`MaxNumberOfMessagesPerSecond must be between 1 and ${RATE_MAX}.`);
    }
    if (!(await this.#exists(sourceArn))) return missing("SourceArn");
    const origins = (await this.#redrives()).filter(({ deadLetterArn }) => deadLetterArn === sourceArn);
    const [origin, another] = origins;
    if (origin === undefined) return invalid("Source queue must be configured as a Dead Letter Queue.");
    if (destinationArn !== undefined && !(await this.#exists(destinationArn))) return missing("DestinationArn");
    if (destinationArn === sourceArn) return invalid("Source queue arn and destination queue arn cannot be the same.");
    if (destinationArn === undefined && another !== undefined) {
      const why = `it does not know from which of ${origins.length} queues each letter came; name a DestinationArn`;
      return awsError("sqs", 501, "NotImplemented", `The local cloud does not answer ${call.action} here: ${why}.`);
    }
    if (this.#of(String(sourceArn)).some(({ status }) => status === "RUNNING" || status === "CANCELLING")) {
      return invalid(
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      );
    }
    const target = String(destinationArn ?? origin.queueArn);
    const refusal = await this.#maySend(call, target);
    if (refusal !== undefined) return refuse("sqs", refusal);
    const task: MoveTask = {
      id: randomUUID(),
      sourceArn: String(sourceArn),
      destinationArn: destinationArn === undefined ? undefined : String(destinationArn),
      targetArn: target,
      perSecond: rate === undefined ? undefined : Number(rate),
      startedAt: this.#options.clock.now(),
      toMove: await this.#waiting(String(sourceArn)),
      moved: 0,
      status: "RUNNING",
    };
    this.#keep(task);
    this.#run(task);
    return jsonResponse(200, { TaskHandle: taskHandle(task) });
  }

  #run(task: MoveTask): void {
    const { backend, clock, onError } = this.#options;
    const running: Promise<void> = runMove(task, { backend, clock, signal: this.#stop.signal })
      .catch(onError)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #list({ input }: Call): Promise<BackendResponse> {
    const { SourceArn: sourceArn, MaxResults: most = 1 } = input;
    if (!isWithin(most, 1, KEPT_MAX)) return invalid(`MaxResults must be between 1 and ${KEPT_MAX}.`);
    if (!(await this.#exists(sourceArn))) return missing("SourceArn");
    return jsonResponse(200, { Results: this.#of(String(sourceArn)).slice(0, Number(most)).map(shown) });
  }

  #cancel({ input }: Call): BackendResponse {
    const handle = String(input.TaskHandle);
    if (sourceArnOf(handle) === undefined) return invalid(`Value ${handle} for parameter TaskHandle is invalid.`);
    const task = this.#tasks.find((each) => taskHandle(each) === handle);
    if (task?.status !== "RUNNING") {
      return awsError("sqs", 404, "ResourceNotFoundException", "Task does not exist.");
    }
    task.status = "CANCELLING";
    return jsonResponse(200, { ApproximateNumberOfMessagesMoved: task.moved });
  }

  /** Newest first. */
  #of(sourceArn: string): MoveTask[] {
    return this.#tasks.filter((task) => task.sourceArn === sourceArn);
  }

  #keep(task: MoveTask): void {
    this.#tasks.unshift(task);
    const oldest = this.#of(task.sourceArn)[KEPT_MAX];
    if (oldest !== undefined) this.#tasks.splice(this.#tasks.indexOf(oldest), 1);
  }

  /** The queues between which dead letters are moved. */
  async #redrives(): Promise<Redrive[]> {
    const { backend } = this.#options;
    const { QueueUrls = [] } = await backend.sqs<{ QueueUrls?: string[] }>("ListQueues", {});
    const each = QueueUrls.map(async (QueueUrl) => {
      const { QueueArn = "", RedrivePolicy } = await this.#attributes(QueueUrl);
      const { deadLetterTargetArn } = JSON.parse(RedrivePolicy ?? "{}") as { deadLetterTargetArn?: string };
      return deadLetterTargetArn === undefined ? [] : [{ queueArn: QueueArn, deadLetterArn: deadLetterTargetArn }];
    });
    return (await Promise.all(each)).flat();
  }

  async #exists(arn: unknown): Promise<boolean> {
    const { QueueUrls = [] } = await this.#options.backend.sqs<{ QueueUrls?: string[] }>("ListQueues", {});
    return QueueUrls.some((url) => url.split("/").at(-1) === String(arn).split(":").at(-1));
  }

  async #waiting(arn: string): Promise<number> {
    const { ApproximateNumberOfMessages } = await this.#attributes(urlOf(arn));
    return Number(ApproximateNumberOfMessages);
  }

  async #attributes(QueueUrl: string): Promise<Record<string, string | undefined>> {
    const input = { QueueUrl, AttributeNames: ["All"] };
    const { Attributes } = await this.#options.backend.sqs<{ Attributes: Record<string, string> }>(
      "GetQueueAttributes",
      input,
    );
    return Attributes;
  }

  /** If letters go back, the request names no destination; the permission to send there is needed nevertheless. */
  async #maySend({ principal }: Call, resource: string): Promise<string | undefined> {
    if (principal === "anonymous") return "anonymous callers may not send";
    return this.#options.permissions.refusalOf(principal, { action: "sqs:SendMessage", resource, context: {} });
  }
}

/** As ListMessageMoveTasks shows it. A task that has ended has no handle any more. */
function shown(task: MoveTask): object {
  const { status, sourceArn, destinationArn, perSecond, startedAt, toMove, moved, failure } = task;
  return {
    ...(status === "RUNNING" ? { TaskHandle: taskHandle(task) } : {}),
    Status: status,
    SourceArn: sourceArn,
    ...(destinationArn === undefined ? {} : { DestinationArn: destinationArn }),
    ...(perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: perSecond }),
    ApproximateNumberOfMessagesMoved: moved,
    ApproximateNumberOfMessagesToMove: toMove,
    ...(failure === undefined ? {} : { FailureReason: failure }),
    StartedTimestamp: startedAt,
  };
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function invalid(message: string): BackendResponse {
  return awsError("sqs", 400, "InvalidParameterValue", message);
}

function missing(parameter: string): BackendResponse {
  const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
  return awsError("sqs", 404, "ResourceNotFoundException", message);
}
