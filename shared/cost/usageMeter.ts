/**
 * Counts the usage of a function's invocations, with a middleware in its AWS clients:
 *
 * ```ts
 * const meter = new UsageMeter({ jobsTable: "jobs", megabytes: 256 });
 * for (const client of [dynamodb, sqs, s3, events]) meter.watch(client);
 *
 * meter.begin(Date.now()); // at the start of each invocation
 * // … work …
 * const usage = meter.take(Date.now(), { writeUnits: 1, queueRequests: 1 }); // and store it with the release
 * ```
 *
 * Every attempt counts, because every attempt is paid for. Of DynamoDB only the jobs table's capacity counts: the capacity
 * of the job's own table is in the counts of its units.
 */
import type { FinalizeHandler, InitializeHandler, MiddlewareStack } from "@smithy/types";
import { asking, type Input, type Output, type SentRequest, usageOf, usageOfError } from "./requestUsage";
import { addUsage, noUsage, type Usage } from "./usage";

export interface UsageMeterOptions {
  /** Name of the table whose capacity counts. */
  readonly jobsTable: string;
  /** The function's memory, MB of 2^20 bytes, as in Lambda's AWS_LAMBDA_FUNCTION_MEMORY_SIZE. */
  readonly megabytes: number;
  /** Whether Lambda takes its events from a queue. Default true. */
  readonly polls?: boolean;
}

/** Lambda's poller receives the message and deletes it; no client of the function sees either request. */
const POLLER_REQUESTS = 2;
const MEGABYTES_PER_GIGABYTE = 1024;

/** Any client of the AWS SDK. */
export interface WatchedClient {
  // biome-ignore lint/suspicious/noExplicitAny: each client's stack has types of its own
  readonly middlewareStack: Pick<MiddlewareStack<any, any>, "add" | "addRelativeTo">;
}

export class UsageMeter {
  private counted: Usage = noUsage;
  private billedUntil: number | undefined;

  constructor(private readonly options: UsageMeterOptions) {}

  /** From now on the client's requests count. */
  watch(client: WatchedClient): void {
    const { middlewareStack: stack } = client;
    stack.add(asksForCapacity, { step: "initialize", name: "usageAsk", override: true });
    const belowRetries = { relation: "after", toMiddleware: "retryMiddleware", override: true } as const;
    stack.addRelativeTo(this.#counting, { ...belowRetries, name: "usageMeter" });
  }

  /**
   * An invocation begins. Requests since the last `take` are dropped: they belong to the invocation before, which has
   * announced them as `rest`. @param now milliseconds since the epoch
   */
  begin(now: number): void {
    const { polls = true } = this.options;
    this.counted = { ...noUsage, invocations: 1, queueRequests: polls ? POLLER_REQUESTS : 0 };
    this.billedUntil = now;
  }

  /**
   * The usage since `begin`, or since the last `take`. Starts counting from zero again.
   *
   * @param now milliseconds since the epoch
   * @param rest what the invocation will still use after this call: the write that stores the figures, the message that
   *   hands on
   */
  take(now: number, rest: Partial<Usage> = {}): Usage {
    const ms = this.billedUntil === undefined ? 0 : Math.max(0, now - this.billedUntil);
    const used = addUsage(this.counted, rest, { billedMs: ms });
    this.counted = noUsage;
    if (this.billedUntil !== undefined) this.billedUntil = now;
    const gigabytes = this.options.megabytes / MEGABYTES_PER_GIGABYTE;
    return { ...used, gigabyteSeconds: (used.billedMs / 1000) * gigabytes };
  }

  readonly #counting = (next: FinalizeHandler<object, Output>, context: Context) => {
    return async (args: Parameters<typeof next>[0]) => {
      const { jobsTable } = this.options;
      const sent: SentRequest = {
        client: context.clientName,
        command: context.commandName,
        input: args.input as Input,
      };
      try {
        const result = await next(args);
        this.#add(usageOf(sent, result.output, jobsTable));
        return result;
      } catch (error) {
        this.#add(usageOfError(sent, error, jobsTable));
        throw error;
      }
    };
  };

  #add(usage: Partial<Usage>): void {
    this.counted = addUsage(this.counted, usage);
  }
}

interface Context {
  readonly clientName?: string;
  readonly commandName?: string;
}

/** Commands of DynamoDB that take `ReturnConsumedCapacity`. */
const CONSUMING =
  /^(Get|Put|Update|Delete|BatchGet|BatchWrite|TransactGet|TransactWrite)Items?Command$|^(Query|Scan)Command$/;

function asksForCapacity(next: InitializeHandler<object, Output>, { clientName, commandName = "" }: Context) {
  return (args: Parameters<typeof next>[0]) => {
    if (clientName !== "DynamoDBClient" || !CONSUMING.test(commandName)) return next(args);
    return next({ ...args, input: asking(args.input as Input) });
  };
}
