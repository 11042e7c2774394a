/** The longest reason. It is kept in a record of at most 400 KB, and a user's error may hold a whole page. */
const REASON_MAX = 2_000;

/** An error as the reason for a record. A user's code may throw any value. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.length > REASON_MAX ? `${text.slice(0, REASON_MAX)}…` : text;
}
