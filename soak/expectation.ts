import { type Accepted, judgeBody, type Refused } from "./judgeBody";

/** The expected content in the end, computed only from the bodies: in any order, with any repeats. */
export interface Expectation {
  /** Distinct bodies. */
  bodies: number;
  /**
   * Bodies that could be accepted, by the id of their submission. If there are several, they contradict each other:
   * whichever came first is stored, the others are in quarantine. Only the order of arrival decides which.
   */
  submissions: Map<string, Map<string, Accepted>>;
  /** Bodies that can never be accepted. */
  refused: Map<string, Refused>;
}

/** A participant's item: the counts, and the content of the latest submission whose time can be true. */
export interface ExpectedItem {
  num_submission: number;
  [attribute: string]: string | number;
}

/** @param sentAt about when the bodies were sent, milliseconds since the epoch. */
export function expectation(texts: readonly string[], sentAt: number): Expectation {
  const distinct = new Set(texts);
  const submissions: Expectation["submissions"] = new Map();
  const refused: Expectation["refused"] = new Map();
  for (const text of distinct) {
    const judged = judgeBody(text, sentAt);
    if ("codes" in judged) refused.set(text, judged);
    else submissions.set(judged.id, (submissions.get(judged.id) ?? new Map<string, Accepted>()).set(text, judged));
  }
  return { bodies: distinct.size, submissions, refused };
}

/**
 * Each participant's item, by user_id.
 * @param kept the stored text of a submission; if it is not one of the submission's bodies, the first body is taken.
 */
export function expectedItems(
  { submissions }: Expectation,
  kept: (id: string) => string | undefined,
): Map<string, ExpectedItem> {
  const own = new Map<string, Accepted[]>();
  for (const [id, candidates] of submissions) {
    const one = candidates.get(kept(id) ?? "") ?? ([...candidates.values()][0] as Accepted);
    own.set(one.userId, [...(own.get(one.userId) ?? []), one]);
  }
  return new Map([...own].map(([user, all]) => [user, itemOf(all)]));
}

function itemOf(all: Accepted[]): ExpectedItem {
  const plausible = all.filter(({ implausible }) => !implausible);
  const wrong = all.length - plausible.length;
  const counts = { num_submission: all.length, ...(wrong > 0 ? { num_implausible_time: wrong } : {}) };
  return { ...latest(plausible)?.shown, ...counts };
}

function latest(all: Accepted[]): Accepted | undefined {
  const later = (a: Accepted, b: Accepted) => b.at > a.at || (b.at === a.at && b.timestamp > a.timestamp);
  return all.reduce<Accepted | undefined>((a, b) => (a === undefined || later(a, b) ? b : a), undefined);
}
