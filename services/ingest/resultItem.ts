import type { AttributeValue, Put, TransactWriteItem, Update } from "@aws-sdk/client-dynamodb";
import { SluiceError } from "../../shared/errors";
import { isQuestion, questionRanges } from "./questions";
import type { Submission } from "./submission";
import { NOT_ERASED } from "./tombstone";

/** An item of the results table in DynamoDB's form. */
export type StoredResult = Record<string, AttributeValue>;

/** DynamoDB takes expressions of up to 4 KB. */
const EXPRESSION_BYTES = 4_096;
/**
 * A condition has at most 300 operators and functions, and each attribute to compare takes an `=` and an `AND`. The count
 * and the tombstone take three.
 */
const OTHERS_MAX = 148;
/** DynamoDB refuses numbers between 0 and 1e-130. */
const SMALLEST_NUMBER = 1e-100;
const NEWER = "(submitted_at < :at OR (submitted_at = :at AND #timestamp < :timestamp))";

/**
 * The write that counts a submission and, if it is the latest, replaces the answers.
 *
 *   nothing known of the item   it is new, or older and about the same questions: replace    ─┐ else the condition
 *   known, older                replace, and remove the questions that are no longer asked    │ fails, and the item
 *   known, newer                count only                                                    ─┘ it met is known
 *   a time that can't be true   count only, whether there is an item or not
 *
 * "Older" is by `submitted_at`, with the timestamp's text as the tie-break, so that the outcome does not depend on the
 * order of arrival; an item without `submitted_at`, made by somebody else, is older than anything. Every write has its
 * own condition, so it is right whatever happened since the item was read. No write touches a tombstone (tombstone.ts).
 * @throws SluiceError ITEM_TOO_WIDE if one write can't express it in DynamoDB.
 */
export function resultWrite(table: string, submission: Submission, known: StoredResult | undefined): TransactWriteItem {
  if (submission.implausibleTime) return { Update: countImplausible(table, submission) };
  if (known && !isNewer(submission, known)) return { Update: countOnly(table, submission) };
  const update = replaceAnswers(table, submission, known);
  const fits = update.UpdateExpression.length <= EXPRESSION_BYTES;
  return fits ? { Update: update } : { Put: replaceItem(table, submission, known) };
}

/** Whether the submission is later than that in the item. */
export function isNewer(submission: Pick<Submission, "submittedAt" | "timestamp">, known: StoredResult): boolean {
  const at = known.submitted_at?.S;
  if (at === undefined || submission.submittedAt !== at) return at === undefined || submission.submittedAt > at;
  return submission.timestamp > (known.timestamp?.S ?? "");
}

function replaceAnswers(table: string, submission: Submission, known: StoredResult | undefined) {
  const { answers, freetext } = submission;
  const stale = known ? questionsOf(known).filter((question) => !answers.has(question)) : [];
  const sets = ["#timestamp=:timestamp", "submitted_at=:at", "time_elapsed=:elapsed", "questions=:questions"];
  if (freetext === undefined) stale.push("freetext");
  else sets.push("freetext=:freetext");
  // Most questions share one of a few answers: a name for each answer keeps the expression short.
  const names = new Map([...new Set(answers.values())].map((answer, index) => [answer, `:${index}`]));
  for (const [question, answer] of answers) sets.push(`${question}=${names.get(answer)}`);
  const remove = stale.length > 0 ? ` REMOVE ${stale.join(",")}` : "";
  const latest = latestAnswers(submission);
  const assumed = known ? known.questions : latest.questions;
  const sameQuestions = assumed ? "questions = :assumed" : "attribute_not_exists(questions)";
  return {
    TableName: table,
    Key: { user_id: { S: submission.userId } },
    UpdateExpression: `SET ${sets.join(",")} ADD num_submission :one${remove}`,
    ConditionExpression: known
      ? `(attribute_not_exists(submitted_at) OR ${NEWER}) AND ${sameQuestions} AND ${NOT_ERASED}`
      : `(attribute_not_exists(user_id) OR (${NEWER} AND ${sameQuestions})) AND ${NOT_ERASED}`,
    ExpressionAttributeNames: { "#timestamp": "timestamp" },
    ExpressionAttributeValues: defined({
      ":one": { N: "1" },
      ":timestamp": latest.timestamp,
      ":at": latest.submitted_at,
      ":elapsed": latest.time_elapsed,
      ":questions": latest.questions,
      ":freetext": latest.freetext,
      ":assumed": assumed,
      ...Object.fromEntries([...names].map(([answer, name]) => [name, { N: String(answer) }])),
    }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } satisfies Update;
}

function countOnly(table: string, { userId, submittedAt, timestamp }: Submission): Update {
  return {
    TableName: table,
    Key: { user_id: { S: userId } },
    UpdateExpression: "ADD num_submission :one",
    ConditionExpression: `attribute_exists(submitted_at) AND NOT ${NEWER} AND ${NOT_ERASED}`,
    ExpressionAttributeNames: { "#timestamp": "timestamp" },
    ExpressionAttributeValues: { ":one": { N: "1" }, ":at": { S: submittedAt }, ":timestamp": { S: timestamp } },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

/**
 * It doesn't matter which submission is the latest. An item that this creates has counts but no answers; any submission
 * is newer than that.
 */
function countImplausible(table: string, { userId }: Submission): Update {
  return {
    TableName: table,
    Key: { user_id: { S: userId } },
    UpdateExpression: "ADD num_submission :one, num_implausible_time :one",
    ConditionExpression: NOT_ERASED,
    ExpressionAttributeValues: { ":one": { N: "1" } },
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

/**
 * More than about 450 questions do not fit into an update expression. Then the whole item is written, under the condition
 * that it is still as it was known: the count is its version, and others' attributes must not have changed. No condition
 * can express that nothing was added: an attribute that was added after the item was read, a few milliseconds ago, is
 * lost (docs/decisions/0010-counted-once.md).
 */
function replaceItem(table: string, submission: Submission, known: StoredResult | undefined): Put {
  const key = { user_id: { S: submission.userId } };
  const latest = latestAnswers(submission);
  if (!known) {
    const Item = { ...key, ...latest, num_submission: { N: "1" } };
    const ConditionExpression = "attribute_not_exists(user_id)";
    return { TableName: table, ReturnValuesOnConditionCheckFailure: "ALL_OLD", Item, ConditionExpression };
  }
  const { num_submission: count, num_implausible_time } = known;
  // Implausible times rise only together with the count, so the count's condition holds them too.
  const counts = defined({ num_submission: { N: String(Number(count?.N ?? 0) + 1) }, num_implausible_time });
  return putOver(table, { ...key, ...latest, ...counts }, known, submission.userId);
}

/**
 * Writes a whole item under the condition that it is still as it was known; others' attributes stay.
 * @param own every attribute of the new item, without others'.
 * @throws SluiceError ITEM_TOO_WIDE if others keep too many attributes on it for one condition.
 */
export function putOver(table: string, own: StoredResult, known: StoredResult, userId: string): Put {
  const others = Object.entries(known).filter(([name]) => !isOwn(name));
  if (others.length > OTHERS_MAX) throw tooWide(userId, others.length);
  const count = known.num_submission?.N;
  const sameCount = count === undefined ? "attribute_not_exists(num_submission)" : "num_submission = :count";
  const conditions = [sameCount, NOT_ERASED];
  others.forEach((_, index) => void conditions.push(`#${index} = :${index}`));
  const names = Object.fromEntries(others.map(([name], index) => [`#${index}`, name]));
  const values = Object.fromEntries(others.map(([, value], index) => [`:${index}`, value]));
  if (count !== undefined) values[":count"] = { N: count };
  return {
    TableName: table,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    Item: { ...Object.fromEntries(others), ...own },
    ConditionExpression: conditions.join(" AND "),
    ...(others.length > 0 ? { ExpressionAttributeNames: names } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
}

const OWN = new Set([
  "user_id",
  "timestamp",
  "submitted_at",
  "time_elapsed",
  "questions",
  "freetext",
  "num_submission",
  "num_implausible_time",
]);

/** Whether an attribute is the store function's; all other attributes belong to others. */
export function isOwn(attribute: string): boolean {
  return OWN.has(attribute) || isQuestion(attribute);
}

function questionsOf(item: StoredResult): string[] {
  return Object.keys(item).filter(isQuestion);
}

function defined(values: Record<string, AttributeValue | undefined>): StoredResult {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as StoredResult;
}

/** Every attribute of the item that comes from its latest submission. */
export function latestAnswers(submission: Submission): StoredResult {
  const { timestamp, submittedAt, timeElapsed, freetext, answers } = submission;
  return {
    timestamp: { S: timestamp },
    submitted_at: { S: submittedAt },
    time_elapsed: { N: String(timeElapsed < SMALLEST_NUMBER ? 0 : timeElapsed) },
    questions: { S: questionRanges([...answers.keys()]) },
    // DynamoDB takes only UTF-8; the raw object keeps half a surrogate pair unchanged.
    ...(freetext === undefined ? {} : { freetext: { S: freetext.toWellFormed() } }),
    ...Object.fromEntries([...answers].map(([question, value]) => [question, { N: String(value) }])),
  };
}

function tooWide(userId: string, others: number): SluiceError {
  const message = `The item of ${userId} cannot take so many questions beside ${others} attributes of others.`;
  return new SluiceError("ITEM_TOO_WIDE", message, { value: others });
}
