/** The outcomes of a writing job's items. Each item has exactly one outcome. */

/**
 * `updated`: changed by this job, deleted or copied too. `already`: it needed no change. `skipped`: the operation leaves it
 * as it is. `conflict`: others changed it each time between reading and writing. `gone`: deleted since it was read. `failed`:
 * can't be processed; on the list of failures.
 */
export const outcomeNames = ["updated", "already", "skipped", "conflict", "gone", "failed"] as const;

export type Outcome = (typeof outcomeNames)[number];

/** Outcomes of items that are decided on without a write. */
export type CountedOutcome = Exclude<Outcome, "updated" | "failed">;

/** Items by outcome. */
export type Outcomes = Readonly<Record<Outcome, number>>;

export const noOutcomes: Outcomes = { updated: 0, already: 0, skipped: 0, conflict: 0, gone: 0, failed: 0 };

export function addOutcomes(a: Outcomes, b: Outcomes): Outcomes {
  return Object.fromEntries(outcomeNames.map((name) => [name, a[name] + b[name]])) as Record<Outcome, number>;
}

export function addOutcome(outcomes: Outcomes, outcome: Outcome, count: number): Outcomes {
  return count === 0 ? outcomes : { ...outcomes, [outcome]: outcomes[outcome] + count };
}
