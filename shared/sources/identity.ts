/** Compares who a source was when its job began with who it is now. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TableIdentity } from "../tables/identity";
import type { SourceReader } from "./source";

/**
 * Why a job can't read its source any more: it is another one of the same name, or none at all. Undefined: it can.
 *
 * @param retry repeats a call that fails for a passing reason. Default: one attempt.
 * @throws what the source can't be identified for, where that says nothing about the source
 */
export async function sourceProblem<Spec extends { readonly kind: string; readonly table: string }>(
  reader: SourceReader<Spec>,
  { source, identity }: { readonly source: Spec; readonly identity: TableIdentity },
  dynamodb: DynamoDBClient,
  retry: <T>(call: () => Promise<T>) => Promise<T> = (call) => call(),
): Promise<string | undefined> {
  try {
    const now = await retry(() => reader.identify(source, dynamodb));
    return identityProblem(identity, now, source.table);
  } catch (error) {
    const verdict = reader.verdict(error, source);
    if (verdict === undefined) throw error;
    return verdict;
  }
}

/**
 * Why the source is not the one that the job began with; undefined where it is, as far as both show. The table's id decides,
 * or the time of creation if one of them lacks the id.
 *
 * @param name the table's, for the sentence.
 */
export function identityProblem(before: TableIdentity, now: TableIdentity, name: string): string | undefined {
  if (isOther(before, now)) return `Table ${name} was deleted and made anew after the job had begun.`;
  if (before.index === undefined || before.index === now.index) return undefined;
  return now.index === undefined
    ? `The index of table ${name} that the job reads was dropped after the job had begun.`
    : `The index of table ${name} that the job reads was made anew with other keys or another projection.`;
}

function isOther(before: TableIdentity, now: TableIdentity): boolean {
  if (before.id !== undefined && now.id !== undefined) return before.id !== now.id;
  return before.createdAt !== undefined && now.createdAt !== undefined && before.createdAt !== now.createdAt;
}
