/** Errors that are the fault of one write. */
import type { WriteAnswer } from "./conditionalWrite";

/** The same write would be rejected again. */
const REJECTIONS = new Set(["ValidationException", "ItemCollectionSizeLimitExceededException"]);
/** Too large for one request. */
const TOO_LARGE = 413;

/** Whether DynamoDB rejects the request because of its content. In a batch a single write may be to blame. */
export function isRejection(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return REJECTIONS.has(error.name) || $metadata?.httpStatusCode === TOO_LARGE;
}

export function failedAnswer({ name, message }: Error, attempts: number): Extract<WriteAnswer, { end: "failed" }> {
  return { end: "failed", code: name, reason: message, attempts };
}

/**
 * Works on a batch. If DynamoDB rejects the batch, works on its halves, until the writes to blame are isolated.
 * @param left the writes of a batch that have no answer yet.
 */
export async function halvingRejected<T>(
  batch: readonly T[],
  work: (batch: readonly T[]) => Promise<unknown>,
  left: (batch: readonly T[]) => readonly T[],
  reject: (one: T, error: Error) => void,
): Promise<void> {
  try {
    await work(batch);
  } catch (error) {
    const open = left(batch);
    if (!isRejection(error) || open.length === 0) throw error;
    if (open.length === 1) return reject(open[0]!, error);
    const middle = Math.ceil(open.length / 2);
    for (const half of [open.slice(0, middle), open.slice(middle)]) await halvingRejected(half, work, left, reject);
  }
}
