import type { Call } from "./call";
import type { BackendResponse } from "./message";
import { jsonOf, responseWith } from "./rewrite";

/** Calls whose answer describes a table, with its id, its ARN and those of its indexes. */
export const DESCRIBES: readonly string[] = ["CreateTable", "DescribeTable", "UpdateTable", "DeleteTable"];

/** DynamoDB Local reports the region `ddblocal` for its tables, which no policy and no other ARN here uses. */
export function withRealArns({ action }: Pick<Call, "action">, answer: BackendResponse, region: string) {
  if (!DESCRIBES.includes(action) || answer.status !== 200) return answer;
  const described = jsonOf<object>(answer);
  if (!described) return answer;
  const moved = JSON.stringify(described).replaceAll("arn:aws:dynamodb:ddblocal:", `arn:aws:dynamodb:${region}:`);
  return responseWith(answer, JSON.parse(moved));
}
