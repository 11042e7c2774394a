/** The id of a submission, `<user_id><timestamp>`: its marker's key and, with `.json`, its raw object's. Pure. */

/**
 * Both forms of a timestamp have a fixed shape, so there is one place to split at: before the last twelve digits, or
 * fourteen characters before the first colon. A `user_id` has no colon.
 */
const SUBMISSION_ID =
  /^([A-Za-z0-9_-]{1,64})(\d{12}|\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,20})?(?:[Zz]|[+-]\d\d(?::?\d\d)?))$/;

/**
 * Splits the id of a submission. A prefix isn't enough: the ids of participant `00010` begin with `0001` as well.
 * @returns undefined if the text isn't the id of a submission.
 */
export function splitSubmissionId(id: string): { userId: string; timestamp: string } | undefined {
  const [, userId, timestamp] = SUBMISSION_ID.exec(id) ?? [];
  return userId === undefined || timestamp === undefined ? undefined : { userId, timestamp };
}
