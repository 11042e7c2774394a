/**
 * How long to wait before asking again whether something has happened. Each question takes CPU in the process that asks, the
 * gateway and the backend. So the longer somebody has waited, the less often they ask.
 * @param leastMs the first pauses. Default 50.
 */
export function pauseMs(waitedMs: number, leastMs = 50): number {
  return Math.min(500, Math.max(leastMs, waitedMs / 10));
}
