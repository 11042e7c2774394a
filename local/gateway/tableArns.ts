import type { Call } from "./call";
import type { BackendResponse } from "./message";
import { jsonOf, responseWith } from "./rewrite";

/** Calls whose answer describes a table, with its id and the ARNs of it and of its indexes. */
export const DESCRIBES: readonly string[] = ["CreateTable", "DescribeTable", "UpdateTable", "DeleteTable"];

/** DynamoDB Local says that its tables are in the region `ddblocal`, which no policy and no other ARN here does. */
export function withRealArns({ action }: Pick<Call, "action">, answer: BackendResponse, region: string) {
  if (!DESCRIBES.includes(action) || answer.status !== 200) return answer;
  const described = jsonOf<object>(answer);
  if (!described) return answer;
  const moved = JSON.stringify(described).replaceAll("arn:aws:dynamodb:ddblocal:", `arn:aws:dynamodb:${region}:`);
  return responseWith(answer, JSON.parse(moved));
}
