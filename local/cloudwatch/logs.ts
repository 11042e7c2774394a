/** Lines of a log group that are kept, the newest ones. `.sluice/logs/` has all. */
const KEPT_MAX = 20_000;

export interface LogEvent {
  /** Position in the log group, from 0. Lines that were dropped count too. */
  position: number;
  /** Milliseconds since the epoch. */
  timestamp: number;
  /** The function, or the process of a Glue run, that wrote the line. */
  stream: string;
  message: string;
}

export interface LogGroup {
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Undefined: for ever. Kept for callers to see; nothing expires here. */
  retentionDays: number | undefined;
  /** Oldest first, without gaps in their positions. */
  events: LogEvent[];
}

/** The log groups and the newest lines of each, as functions, Glue runs and executions wrote them. */
export class Logs {
  readonly #groups = new Map<string, LogGroup>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a log group. If a first line made it before, as Lambda does, the group keeps its lines. */
  create(name: string, retentionDays: number | undefined): LogGroup {
    const { createdAt, events } = this.#groups.get(name) ?? { createdAt: this.#now(), events: [] };
    const group = { name, createdAt, retentionDays, events };
    this.#groups.set(name, group);
    return group;
  }

  write(logGroup: string, stream: string, text: string): void {
    const { events } = this.#groups.get(logGroup) ?? this.create(logGroup, undefined);
    const timestamp = this.#now();
    for (const message of text.split("\n")) {
      if (message === "") continue;
      events.push({ position: (events.at(-1)?.position ?? -1) + 1, timestamp, stream, message });
    }
    if (events.length > 2 * KEPT_MAX) events.splice(0, events.length - KEPT_MAX);
  }

  find(name: string): LogGroup | undefined {
    return this.#groups.get(name);
  }

  /** All log groups by name, in the order of ASCII. */
  list(): LogGroup[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
