import { LIMITS } from "../limits";
import { HistoryFull } from "../stateError";

/** One event of an execution's history. */
export interface HistoryEvent {
  /** From 1. */
  readonly id: number;
  readonly previousEventId: number;
  /** Such as `TaskStateEntered`. */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly details: object | undefined;
}

/** A line of successive events: an execution has one, and each running iteration of a Map state has its own. */
export interface Line {
  /** Id of the last event. */
  last: number;
}

/** Events that end an execution: the only ones for which there is always room. */
const ENDS: readonly string[] = ["ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"];

/**
 * The history of an execution. If event number 25,000 does not end the execution, it fails.
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html
 */
export class History {
  readonly #now: () => number;
  readonly #onEvent: (event: HistoryEvent) => void;
  readonly #events: HistoryEvent[] = [];
  #closed = false;

  constructor(now: () => number, onEvent: (event: HistoryEvent) => void = () => undefined) {
    this.#now = now;
    this.#onEvent = onEvent;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  /**
   * Adds an event to a line.
   * @returns its id.
   * @throws HistoryFull.
   */
  add(line: Line, type: string, details?: object): number {
    line.last = this.addBeside(line.last, type, details);
    return line.last;
  }

  /** Takes no further events, because the execution has ended. */
  close(): void {
    this.#closed = true;
  }

  /** Adds an event behind another one, on no line. @returns its id. @throws HistoryFull. */
  addBeside(previousEventId: number, type: string, details?: object): number {
    if (this.#closed) throw new Error("the execution has ended");
    const id = this.#events.length + 1;
    if (id >= LIMITS.historyEvents && !ENDS.includes(type)) throw new HistoryFull();
    const event = { id, previousEventId, type, timestamp: this.#now(), details };
    this.#events.push(event);
    this.#onEvent(event);
    return id;
  }
}
