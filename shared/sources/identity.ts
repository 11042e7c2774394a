/** Compares who a source was when its job began with who it is now. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { identityProblem, type TableIdentity } from "../tables/identity";
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
