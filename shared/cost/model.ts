/**
 * How much of everything a job uses, as averages: what the estimate computes with. Each figure says where it comes from; those
 * "by design" follow from how workers are built, the others are measured on the local cloud.
 */

/** Read capacity units a second that one worker reads alone, at which jobs are given workers: shared/engine/crew.ts. */
export const WORKER_RCU_PER_SECOND = 350;

/** Before the end of its time a worker begins nothing new, seconds. By design: shared/drivers/queue/invocationTime.ts. */
export const WIND_UP_SECONDS = 8;

/** A worker doesn't wait longer than this for its next page, seconds; it hands on with a delay instead. By design. */
export const LONGEST_WAIT_SECONDS = 2;

/** An invocation that reads one page and hands on, seconds. Measured. */
export const SHORT_INVOCATION_SECONDS = 0.4;

/** One invocation of a chain, whatever it does. By design: receive, hide, send, delete; chain, unit and ledger, twice each. */
export const TURN = { queueRequests: 4, writeUnits: 6, readUnits: 2 } as const;

/** A worker that reads, each second: ledger and checkpoint. A checkpoint comes after each page where pages are rarer. */
export const LEDGER_WRITES_PER_SECOND = 1.2;
export const CHECKPOINTS_PER_SECOND = 1;

/** A unit, however small: take, end, claim. By design. Its record is read twice: when taken, and by the sweep at the end. */
export const UNIT = { writeUnits: 3, readUnits: 0.5 } as const;

/** The start function: one invocation, and the records of a job. Its requests to SQS are a message for each chain, and these. */
export const START = {
  ...{ invocations: 1, seconds: 1.5, memoryMegabytes: 512 },
  ...{ queueRequests: 4, writeUnits: 20, readUnits: 8 },
} as const;

/** The end of a job: its record, and the event about it. */
export const END = { writeUnits: 4, readUnits: 2, events: 1 } as const;

/** From the request until the first page, seconds. */
export const START_SECONDS = 2;

/** An export's object, bytes of items in it; by design. Each is put once more when it is full, and noted in an entry. */
export const OBJECT_BYTES = 64 * 1024 ** 2;
/** A part of an object that is uploaded in parts, bytes; and what deflating leaves of an item's bytes in JSON. */
export const PART_BYTES = 5 * 1024 ** 2;
export const DEFLATED_SHARE = 0.3;
/** The open object is put anew at most this often, a second and worker. */
export const PUTS_PER_SECOND = 1;
/** Requests to S3 of each object besides its parts: begin and complete. */
export const OBJECT_PUTS = 2;
/** Manifests of an export: files and summary, each with its checksum. */
export const MANIFEST_PUTS = 4;

/** A message waits at most this long in the unit queue, days (its retention): services/scanner/component.ts. */
export const RETENTION_DAYS = 13;
