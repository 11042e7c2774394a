/**
 * Checks a start request against a table. Pure. A malformed option counts as given. Don't draw conclusions from its
 * value.
 */
import { type Described, indexOf, type TableFacts } from "../../tables/facts";
import { jobTableProblems } from "../jobTable";
import type { TableRequest } from "./options";

/** Values and names that no expression uses, and values that are given twice, a sentence each. */
export function expressionProblems(
  { values, typedValues }: Partial<TableRequest>,
  given: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  for (const option of ["values", "typedValues"]) {
    if (given.has(option) && !given.has("filter") && !given.has("onlyIf")) problems.push(`${option} need a filter.`);
  }
  if (given.has("names") && !["filter", "projection", "onlyIf"].some((option) => given.has(option))) {
    problems.push("names need a filter or a projection.");
  }
  const twice = Object.keys(values ?? {}).filter((key) => Object.hasOwn(typedValues ?? {}, key));
  if (twice.length > 0) problems.push(`typedValues must not repeat names of values, got ${twice.join(", ")} in both.`);
  return problems;
}

/** What makes the table or its index unreadable, a sentence each. */
export function placeProblems(sound: Partial<TableRequest>, facts: Described): string[] {
  const problems = jobTableProblems(sound.table, facts);
  return typeof facts === "string" ? problems : [...problems, ...indexProblems(sound, facts)];
}

function indexProblems({ index, consistentRead }: Partial<TableRequest>, facts: TableFacts): string[] {
  if (index === undefined) return [];
  const found = indexOf(facts, index);
  if (found === undefined) {
    const known = Object.keys(facts.indexes);
    const others = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
    return [`index must be one of the table's, ${others}, got "${index}".`];
  }
  const problems: string[] = [];
  if (found.status !== "ACTIVE") problems.push(`index must be active, "${index}" is ${found.status}.`);
  if (consistentRead && found.kind === "global") {
    problems.push("consistentRead must be false: DynamoDB reads global indexes with eventual consistency only.");
  }
  return problems;
}
