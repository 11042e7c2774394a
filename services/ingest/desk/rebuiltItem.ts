/** The right content of a participant's item in the results table, and the write that restores it. Pure. */
import type { AttributeValue, Put, Update } from "@aws-sdk/client-dynamodb";
import { sameValue } from "../../../shared/aws/expressions/sameValue";
import { isNewer, isOwn, latestAnswers, putOver, type StoredResult } from "../resultItem";
import type { Submission } from "../submission";
import { splitSubmissionId } from "../submissionId";
import { NOT_ERASED } from "../tombstone";
import type { Marker } from "./markers";

/** The sums over the markers of one participant. */
export interface MarkerSum {
  count: number;
  /** How many of these have a time that can't be right. */
  implausible: number;
  /** The marker of the latest submission; undefined if no time is plausible. */
  latest: Marker | undefined;
}

/** A wrong attribute of an item. */
export interface Difference {
  field: string;
  /** Undefined: missing. */
  is: AttributeValue | undefined;
  /** Undefined: it should be missing. */
  shouldBe: AttributeValue | undefined;
}

/** The sum with one more marker. The later time counts, then the later text, as in the store function. */
export function withMarker(sum: MarkerSum | undefined, marker: Marker): MarkerSum {
  const { count, implausible, latest } = sum ?? { count: 0, implausible: 0, latest: undefined };
  const next = { count: count + 1, implausible: implausible + Number(marker.implausible) };
  if (marker.implausible) return { ...next, latest };
  return { ...next, latest: latest === undefined || isLater(marker, latest) ? marker : latest };
}

/** Whether the item's answers are those of this submission, by their time. */
export function holdsAnswersOf(item: StoredResult | undefined, { submission, submittedAt }: Marker): boolean {
  return item?.submitted_at?.S === submittedAt && item.timestamp?.S === timestampOf(submission);
}

/**
 * The attributes of the store function as they should be.
 * @param latest the submission with the latest time. `unknown`: its body is gone, and the answers stay as they are.
 *   Undefined: there is no such submission.
 */
export function rebuiltItem(
  userId: string,
  { count, implausible }: MarkerSum,
  latest: Submission | "unknown" | undefined,
  item: StoredResult | undefined,
): StoredResult {
  const answers = latest === "unknown" ? ownOf(item) : latest === undefined ? {} : latestAnswers(latest);
  const { num_implausible_time: _, ...kept } = answers;
  return {
    ...kept,
    user_id: { S: userId },
    num_submission: { N: String(count) },
    ...(implausible === 0 ? {} : { num_implausible_time: { N: String(implausible) } }),
  };
}

/** Whether submissions made the item, or part of it: others may keep their own items in the table. */
export function isStored(item: StoredResult): boolean {
  return Object.keys(ownOf(item)).some((name) => name !== "user_id");
}

/** In the order of the attributes' names. Others' attributes on the item don't count as differences. */
export function differences(item: StoredResult | undefined, rebuilt: StoredResult): Difference[] {
  const own = ownOf(item);
  const fields = [...new Set([...Object.keys(own), ...Object.keys(rebuilt)])].sort();
  return fields
    .map((field) => ({ field, is: own[field], shouldBe: rebuilt[field] }))
    .filter(({ is, shouldBe }) => !sameValue(is, shouldBe));
}

/** DynamoDB takes expressions of up to 4 KB. */
const EXPRESSION_BYTES = 4_096;

/**
 * Writes the differences under the condition that the item is still as it was read: each submission changes the count,
 * which serves as the version. The tombstone of an erased participant stays.
 */
export function rebuildWrite(
  table: string,
  rebuilt: StoredResult,
  item: StoredResult | undefined,
  found: readonly Difference[],
): { Put: Put } | { Update: Update } {
  const userId = rebuilt.user_id!.S!;
  if (item === undefined) {
    const ConditionExpression = "attribute_not_exists(user_id)";
    return {
      Put: { TableName: table, ReturnValuesOnConditionCheckFailure: "ALL_OLD", Item: rebuilt, ConditionExpression },
    };
  }
  const setting = found.flatMap(({ shouldBe }, at) => (shouldBe === undefined ? [] : [`#${at}=:${at}`]));
  const removing = found.flatMap(({ shouldBe }, at) => (shouldBe === undefined ? [`#${at}`] : []));
  const clauses = [
    ...(setting.length > 0 ? [`SET ${setting.join(",")}`] : []),
    ...(removing.length > 0 ? [`REMOVE ${removing.join(",")}`] : []),
  ];
  const UpdateExpression = clauses.join(" ");
  if (UpdateExpression.length > EXPRESSION_BYTES) return { Put: putOver(table, rebuilt, item, userId) };
  const count = item.num_submission;
  const unchanged = count === undefined ? "attribute_not_exists(num_submission)" : "num_submission = :count";
  const set = found.map(({ shouldBe }, at): [string, AttributeValue | undefined] => [`:${at}`, shouldBe]);
  const values = [...set, [":count", count] as const].filter(([, value]) => value !== undefined);
  return {
    Update: {
      TableName: table,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      Key: { user_id: { S: userId } },
      UpdateExpression,
      ConditionExpression: `attribute_exists(user_id) AND ${NOT_ERASED} AND ${unchanged}`,
      ExpressionAttributeNames: Object.fromEntries(found.map(({ field }, at) => [`#${at}`, field])),
      ...(values.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(values) as StoredResult } : {}),
    },
  };
}

function isLater(marker: Marker, than: Marker): boolean {
  const known = { submitted_at: { S: than.submittedAt }, timestamp: { S: timestampOf(than.submission) } };
  return isNewer({ submittedAt: marker.submittedAt, timestamp: timestampOf(marker.submission) }, known);
}

function timestampOf(submission: string): string {
  return splitSubmissionId(submission)?.timestamp ?? "";
}

function ownOf(item: StoredResult | undefined): StoredResult {
  return Object.fromEntries(Object.entries(item ?? {}).filter(([name]) => isOwn(name)));
}
