/** Compares a source's identity with the one that it had when its job began. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { identityProblem, type TableIdentity } from "../tables/identity";
import type { SourceReader } from "./source";

/**
 * Why a job can't read its source any more: another source has its name now, or none. Undefined: it can.
 *
 * @param retry repeats a call that fails for a transient reason. Default: one attempt.
 * @throws an error that prevents the comparison but shows nothing about the source, such as a time-out
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
