import { createHash } from "node:crypto";
import type { Call } from "./call";
import type { BackendResponse } from "./message";
import { jsonOf, responseWith } from "./rewrite";
import { DESCRIBES } from "./tableArns";

interface Description {
  TableName?: string;
  /** Seconds since the epoch, with milliseconds. */
  CreationDateTime?: number;
}

/**
 * Adds the `TableId` that AWS gives and DynamoDB Local does not: one for the life of a table, another one when it is made
 * anew under its name. It follows from name and time of creation, so tables that were made past the gateway have one too.
 */
export function withTableIds({ action }: Pick<Call, "action">, answer: BackendResponse): BackendResponse {
  if (!DESCRIBES.includes(action) || answer.status !== 200) return answer;
  const described = jsonOf<Record<string, Description>>(answer);
  if (!described) return answer;
  // DescribeTable calls it Table, the others TableDescription.
  const entries = Object.entries(described).map(([field, table]) => [field, { ...table, TableId: tableId(table) }]);
  return responseWith(answer, Object.fromEntries(entries));
}

/** A UUID, as random to look at as AWS's. */
function tableId({ TableName, CreationDateTime }: Description): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([TableName, CreationDateTime]))
    .digest("hex");
  const [a, b, c, d, e] = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    digest.slice(13, 16),
    digest.slice(17, 20),
    digest.slice(20, 32),
  ];
  return `${a}-${b}-4${c}-a${d}-${e}`;
}
