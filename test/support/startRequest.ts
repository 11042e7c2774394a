/** Start requests for tests. */
import type { StartRequest } from "../../shared/jobs/startRequest";

/** A valid request, with the given changes. */
export function request(changes: Readonly<Record<string, unknown>> = {}): StartRequest {
  return { table: "orders", operation: "count", readRate: 100, ...changes } as StartRequest;
}

/** The problems that a refused call lists. */
export function problemsOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    const { code, value } = error as { code?: string; value: string[] };
    if (code !== "INVALID_REQUEST") throw error;
    return value;
  }
  return [];
}
