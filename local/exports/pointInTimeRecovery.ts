/** Longest time that a table can be restored to, and the default. */
const MOST_DAYS = 35;

interface Recovery {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly days: number;
}

/**
 * The tables whose point-in-time recovery is on. The local cloud restores nothing: it only keeps the last setting,
 * because exports depend on it.
 */
export class PointInTimeRecovery {
  readonly #tables = new Map<string, Recovery>();

  /** @param days default 35. */
  on(table: string, now: number, days = MOST_DAYS): void {
    this.#tables.set(table, { since: this.#tables.get(table)?.since ?? now, days });
  }

  off(table: string): void {
    this.#tables.delete(table);
  }

  isOn(table: string): boolean {
    return this.#tables.has(table);
  }

  /** As in the answer of DescribeContinuousBackups. */
  description(table: string, now: number): object {
    const recovery = this.#tables.get(table);
    const point = recovery
      ? {
          PointInTimeRecoveryStatus: "ENABLED",
          RecoveryPeriodInDays: recovery.days,
          EarliestRestorableDateTime: recovery.since / 1_000,
          LatestRestorableDateTime: now / 1_000,
        }
      : { PointInTimeRecoveryStatus: "DISABLED" };
    return { ContinuousBackupsStatus: "ENABLED", PointInTimeRecoveryDescription: point };
  }
}
