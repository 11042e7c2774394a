import type { Submission, SubmissionPolicy } from "../../../services/ingest/submission";
import { submissionTime } from "../../../services/ingest/submissionTime";

export const POLICY: SubmissionPolicy = {
  minSeconds: 3,
  requireFreetext: true,
  answerMin: 1,
  answerMax: 5,
  minAnswers: 1,
};

/** When the surveys of these tests are sent, milliseconds since the epoch: as soon as they are answered. */
export const SENT_AT = Date.UTC(2021, 8, 28, 12);

/** A survey as an app sends it. A field that is undefined is left out. */
export function survey(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { user_id: "0001", timestamp: "092821120000", time_elapsed: 5, q1: 1, q2: 2, freetext: "fine", ...fields };
}

/** The JSON of a survey. */
export const body = (fields: Record<string, unknown> = {}): string => JSON.stringify(survey(fields));

export interface SubmissionFields extends Partial<Omit<Submission, "answers">> {
  answers?: Record<string, number>;
}

/** A submission as the parser makes it. */
export function submission({ answers = { q1: 1, q2: 2 }, ...fields }: SubmissionFields = {}): Submission {
  const { userId = "0001", timestamp = "092821120000" } = fields;
  return {
    id: userId + timestamp,
    userId,
    timestamp,
    submittedAt: submissionTime(timestamp, SENT_AT)!,
    implausibleTime: false,
    timeElapsed: 5,
    freetext: "fine",
    ...fields,
    answers: new Map(Object.entries(answers)),
  };
}

/** So many questions, all answered with 1. */
export function questions(count: number, first = 1): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`q${first + index}`, 1]));
}
