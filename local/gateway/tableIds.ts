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
 * Adds the `TableId`, which AWS returns but DynamoDB Local does not: constant for the life of a table, and another one if
 * the table is recreated. It is derived from name and time of creation, so tables that were created without the gateway
 * have one too.
 */
export function withTableIds({ action }: Pick<Call, "action">, answer: BackendResponse): BackendResponse {
  if (!DESCRIBES.includes(action) || answer.status !== 200) return answer;
  const described = jsonOf<Record<string, Description>>(answer);
  if (!described) return answer;
  // DescribeTable calls it Table, the others TableDescription.
  const entries = Object.entries(described).map(([field, table]) => [field, { ...table, TableId: tableId(table) }]);
  return responseWith(answer, Object.fromEntries(entries));
}

/** A UUID that looks as random as AWS's. */
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
