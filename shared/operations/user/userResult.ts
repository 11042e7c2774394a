/** Checks whether a checkpoint can keep what a user's code returns. */
import { SluiceError } from "../../errors";

/** A record has 400 KB in all. */
const RESULT_BYTES_MAX = 300_000;

/**
 * The result itself. A value that JSON would change is refused at the first page. Within an invocation the next page
 * gets the object itself; the next invocation gets what JSON kept of it. So a Map would be lost silently.
 *
 * @throws SluiceError RESULT_NOT_JSON, RESULT_TOO_LARGE
 */
export function keepable<Result>(result: Result): Result {
  const text = JSON.stringify(result, function (this: Record<string, unknown>, key) {
    const value = this[key]; // the value before toJSON
    if (isLost(value)) throw notJson(key, value);
    return value;
  });
  const bytes = Buffer.byteLength(text ?? "");
  if (bytes <= RESULT_BYTES_MAX) return result;
  const message = `The result must have at most ${RESULT_BYTES_MAX} bytes as JSON, got ${bytes}.`;
  throw new SluiceError("RESULT_TOO_LARGE", message, { value: bytes });
}

function isLost(value: unknown): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return typeof value === "bigint" || typeof value === "function" || typeof value === "symbol";
  }
  const prototype = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

function notJson(key: string, value: unknown): SluiceError {
  const what =
    typeof value === "object" ? `a ${value?.constructor?.name ?? "object"}` : `${typeof value} ${String(value)}`;
  const message = `The result must be a JSON value, got ${what}${key === "" ? "" : ` at "${key}"`}.`;
  return new SluiceError("RESULT_NOT_JSON", message, { value: key });
}
