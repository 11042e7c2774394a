/** Predicts from an intake's rules what it makes of submissions, and compares that with what it keeps. Pure. */
import { isDeepStrictEqual } from "node:util";
import { latestAnswers } from "../resultItem";
import { type Submission, type SubmissionPolicy, submissionParser } from "../submission";
import type { KeptParticipant } from "./participant";

export type { SubmissionPolicy } from "../submission";

/** The prediction for one participant, about whom the intake has nothing else. */
export interface Foreseen {
  /** Accepted submissions. */
  readonly accepted: readonly Submission[];
  /** The codes of the reasons of each body that goes to quarantine, sorted. */
  readonly quarantined: readonly string[];
}

/**
 * What becomes of bodies that are sent once each, by participant.
 * @param sentAt when they are sent, milliseconds since the epoch.
 * @throws Error if a body names no participant
 */
export function foresee(bodies: readonly string[], policy: SubmissionPolicy, sentAt: number): Map<string, Foreseen> {
  const parse = submissionParser(policy);
  const foreseen = new Map<string, { accepted: Submission[]; quarantined: string[] }>();
  for (const body of bodies) {
    const parsed = parse(body, sentAt);
    const participant = "submission" in parsed ? parsed.submission.userId : parsed.userId;
    if (participant === undefined) throw new Error(`A body names no participant: ${body}`);
    const of = foreseen.get(participant) ?? { accepted: [], quarantined: [] };
    foreseen.set(participant, of);
    if ("submission" in parsed) of.accepted.push(parsed.submission);
    else of.quarantined.push(codesOf(parsed.reasons.map(({ code }) => code)));
  }
  for (const { quarantined } of foreseen.values()) quarantined.sort();
  return foreseen;
}

/** How what is kept differs from what was foreseen, a sentence each. */
export function differences({ accepted, quarantined }: Foreseen, kept: KeptParticipant): string[] {
  const { participant, item = {}, markers, raw } = kept;
  const latest = accepted.reduce<Submission | undefined>(
    (best, next) => (best === undefined || next.submittedAt > best.submittedAt ? next : best),
    undefined,
  );
  const answers = latest === undefined ? {} : latestAnswers(latest);
  const ids = accepted.map(({ id }) => id).sort();
  const compared: [what: string, found: unknown, expected: unknown][] = [
    ["num_submission", item.num_submission?.N ?? "0", String(accepted.length)],
    ...Object.entries(answers).map(([name, value]): [string, unknown, unknown] => [name, item[name], value]),
    ["markers", markers.map(({ submission }) => submission).sort(), ids],
    ["raw objects", [...raw].sort(), ids.map((id) => `${id}.json`)],
    ["reasons in quarantine", kept.quarantined.map(({ codes }) => codesOf(codes)).sort(), quarantined],
  ];
  return compared
    .filter(([, found, expected]) => !isDeepStrictEqual(found, expected))
    .map(([what, found, expected]) => {
      return `${what} of ${participant} should be ${JSON.stringify(expected)}, got ${JSON.stringify(found) ?? "nothing"}`;
    });
}

function codesOf(codes: readonly string[]): string {
  return [...new Set(codes)].sort().join(" ");
}
