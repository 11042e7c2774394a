/**
 * How long a test waits before it asks again whether something has happened. Each question takes CPU in the test, the gateway
 * and the database. So the longer the test has waited, the less often it asks.
 * @param leastMs the first pauses. Default 50.
 */
export function pauseMs(waitedMs: number, leastMs = 50): number {
  return Math.min(250, Math.max(leastMs, waitedMs / 10));
}
