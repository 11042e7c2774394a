/**
 * RCU/s that one worker reads by itself, between a count and an export; see `npm run bench -- worker-memory`. Jobs get their
 * segments and their first chains by it. Then they go by what they measure (shared/engine/crew.ts).
 */
export const RCU_PER_WORKER = 400;

/** With how many chains a job of so many work units begins, `most` at most. @param perSecond capacity units per second that it may consume. */
export function firstChains(perSecond: number, units: number, most: number): number {
  return Math.max(1, Math.min(units, most, Math.ceil(perSecond / RCU_PER_WORKER)));
}
