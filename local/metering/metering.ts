import type { Direction } from "../gateway/throttling/resourceCapacity";

/** One invocation, as Lambda bills it. */
export interface InvocationRecord {
  /** Name of the function. */
  readonly function: string;
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
  /**
   * Milliseconds, rounded up to whole ones, with `initMs`. AWS bills the initialisation of managed runtimes too since
   * August 2025 (AWS Compute Blog, "AWS Lambda standardizes billing for INIT Phase").
   */
  readonly billedMs: number;
  /** Milliseconds that a new instance took until its handler was loaded; 0 if an idle one was used. */
  readonly initMs: number;
  /** Memory of the function, MB. */
  readonly memoryMegabytes: number;
}

/** Calls of one operation by one caller. */
export interface RequestCount {
  /** As in a signature, such as `sqs`. */
  readonly service: string;
  /** As in the API reference, such as `SendMessage`. */
  readonly operation: string;
  /**
   * The caller: the name of a function; `<function>-poller` for its event source mapping; the name of any other role;
   * `administrator` for a person with the local cloud's own credentials.
   */
  readonly caller: string;
  /** Calls that reached the service. */
  readonly calls: number;
  /** Billed for them: requests of SQS and S3, events of EventBridge. */
  readonly billed: number;
  /** How many of these were receives without a message: the cost of an idle queue. */
  readonly empty: number;
}

/** Capacity units of one table, or of one of its global secondary indexes, by one caller. */
export interface TableConsumption {
  readonly table: string;
  /** Undefined: the table itself and its local secondary indexes. */
  readonly index?: string;
  /** As in {@link RequestCount}. */
  readonly caller: string;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** The counts of a meter: the invocations, requests and capacity that AWS would bill. */
export interface Reading {
  /** In the order of their ends. */
  readonly invocations: readonly InvocationRecord[];
  readonly requests: readonly RequestCount[];
  readonly consumption: readonly TableConsumption[];
}

/** A call to count. */
export type CountedCall = Pick<RequestCount, "service" | "operation" | "caller" | "billed"> & {
  readonly empty: boolean;
};

/** Capacity units that a request consumed on a table, or on one of its global secondary indexes. */
export interface Consumed {
  readonly table: string;
  /** As in {@link TableConsumption}. */
  readonly index?: string;
  readonly caller: string;
  readonly direction: Direction;
  readonly units: number;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Counts from the moment it was started. */
export class Meter {
  readonly #invocations: InvocationRecord[] = [];
  readonly #requests = new Map<string, Mutable<RequestCount>>();
  readonly #consumption = new Map<string, Mutable<TableConsumption>>();
  readonly #onStop: (meter: Meter) => void;

  constructor(onStop: (meter: Meter) => void) {
    this.#onStop = onStop;
  }

  /** Everything so far. An invocation appears when it has ended. */
  read(): Reading {
    const copies = <T extends object>(all: Iterable<T>) => [...all].map((one) => ({ ...one }));
    return {
      invocations: [...this.#invocations],
      requests: copies(this.#requests.values()),
      consumption: copies(this.#consumption.values()),
    };
  }

  /** Stops counting. @returns everything until now. */
  stop(): Reading {
    this.#onStop(this);
    return this.read();
  }

  invoked(invocation: InvocationRecord): void {
    this.#invocations.push(invocation);
  }

  called({ service, operation, caller, billed, empty }: CountedCall): void {
    const key = `${service} ${operation} ${caller}`;
    const count = this.#requests.get(key) ?? { service, operation, caller, calls: 0, billed: 0, empty: 0 };
    this.#requests.set(key, count);
    count.calls += 1;
    count.billed += billed;
    if (empty) count.empty += 1;
  }

  consumed({ direction, units, ...of }: Consumed): void {
    const key = `${of.table} ${of.index ?? ""} ${of.caller}`;
    const sum = this.#consumption.get(key) ?? { ...of, readUnits: 0, writeUnits: 0 };
    this.#consumption.set(key, sum);
    sum[direction === "read" ? "readUnits" : "writeUnits"] += units;
  }
}

/**
 * Counts for all running meters. Without one it counts nothing, and DynamoDB's requests pass unchanged.
 */
export class Metering {
  readonly #meters = new Set<Meter>();

  /** Starts a meter that counts from now on. Several may run at a time. */
  start(): Meter {
    const meter = new Meter((stopped) => this.#meters.delete(stopped));
    this.#meters.add(meter);
    return meter;
  }

  /** Whether a meter runs. */
  get running(): boolean {
    return this.#meters.size > 0;
  }

  invoked(invocation: InvocationRecord): void {
    for (const meter of this.#meters) meter.invoked(invocation);
  }

  called(call: CountedCall): void {
    for (const meter of this.#meters) meter.called(call);
  }

  consumed(consumed: Consumed): void {
    for (const meter of this.#meters) meter.consumed(consumed);
  }
}
