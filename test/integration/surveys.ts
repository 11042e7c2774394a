/** Builders of surveys for tests. */
export interface Survey {
  user_id: string;
  timestamp: string;
  time_elapsed: number;
  freetext: string;
  [question: `q${number}`]: number;
}

/** A survey that is accepted, unless the given fields change that. */
export function survey(changes: Partial<Survey> = {}): Survey {
  return {
    user_id: "p-1",
    timestamp: "092821120000",
    time_elapsed: 5,
    q1: 5,
    q2: 1,
    q3: 2,
    freetext: "fine, thank you",
    ...changes,
  };
}

/** The `n`-th second of a day, as a phone writes it. */
export function secondOfDay(n: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `092821${two(Math.floor(n / 3600))}${two(Math.floor(n / 60) % 60)}${two(n % 60)}`;
}

/**
 * What the results table should hold after these surveys, in any order and with any repeats: a model that shares no code with
 * Sluice.
 */
export function expectedParticipants(
  surveys: readonly Survey[],
): Record<string, { num_submission: number; q1: number }> {
  const distinct = new Map(surveys.map((one) => [one.user_id + one.timestamp, one]));
  const byUser = Map.groupBy(distinct.values(), ({ user_id }) => user_id);
  const sorted = [...byUser].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([user, own]) => {
      const latest = own.reduce((a, b) => (b.timestamp > a.timestamp ? b : a));
      return [user, { num_submission: own.length, q1: latest.q1 as number }];
    }),
  );
}
