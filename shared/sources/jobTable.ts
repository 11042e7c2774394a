/** Checks of a job's table that every kind of source needs. Pure. */
import type { Described } from "../tables/facts";

/** Why the table can't be worked on, a sentence each. */
export function jobTableProblems(name: string | undefined, facts: Described): string[] {
  if (facts === "missing") return [`table must exist, but there is no table "${name}".`];
  if (facts === "denied") {
    return [`table must be one of those the stack was given (config scannerTables); it may not read "${name}".`];
  }
  const active = facts.status === "ACTIVE" || facts.status === "UPDATING";
  return active ? [] : [`table must be active, "${name}" is ${facts.status}.`];
}
