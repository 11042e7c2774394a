/**
 * RCU/s that one worker reads by itself, between a count and an export; see `npm run bench -- worker-memory`. Jobs get their
 * segments and their first chains by it. Then they go by what they measure (shared/engine/crew.ts).
 */
export const RCU_PER_WORKER = 400;
