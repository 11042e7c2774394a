/** The longest reason. It is kept in a record of at most 400 KB, and a user's error may hold a whole page. */
const REASON_MAX = 2_000;
/** Names without information, because every error has one. */
const BARE = new Set<unknown>(["Error", "SluiceError"]);

/** An error as the reason for a record. A user's code may throw any value. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? namedReason(error.name, error.message) : String(error);
  return text.length > REASON_MAX ? `${text.slice(0, REASON_MAX)}…` : text;
}

/** `TypeError: x is undefined`; the message alone if the name has no information; whichever there is. */
export function namedReason(name: unknown, message: unknown): string {
  const parts = [name, message].filter((part) => part !== undefined && part !== null && part !== "");
  return (parts.length > 1 && BARE.has(name) ? [message] : parts).join(": ");
}
