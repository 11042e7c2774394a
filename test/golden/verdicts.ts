/** Verdicts in golden files. */
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Verdict } from "../../shared/writing/conditionalWrite";
import { itemJson } from "./arbitraryItems";

/** One line of JSON; values in DynamoDB JSON. */
export function verdictText(verdict: Verdict): string {
  if (verdict.do !== "write") return JSON.stringify(verdict);
  const { key, change, seen } = verdict.write;
  const seenJson = seen.map(({ path, value }) => [path, value === undefined ? null : itemJson({ value }).value]);
  return JSON.stringify({ do: "write", key: itemJson(key), change: changeJson(change), seen: seenJson });
}

function changeJson(change: Extract<Verdict, { do: "write" }>["write"]["change"]): object {
  if (change.kind === "put") return { put: JSON.parse(dynamoJson(change.item)) };
  if (change.kind === "delete") return { deletes: change.before === undefined ? null : itemJson(change.before) };
  return { set: itemJson(change.set), remove: change.remove };
}
