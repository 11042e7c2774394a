/**
 * The model behind estimates: a job's average usage of everything. Each figure has its source beside it.
 *
 * - By design: it follows from how workers are built.
 * - Measured: on the local cloud, whose gateway meters every request (test/integration/estimate.test.ts).
 * - Simulated: by jobs on virtual time (bench/cost/simulation), for rates that need more workers than one machine can run.
 */

/** The longest wait of a worker for its next page, seconds. For a longer wait it hands on with a delay. By design. */
export const LONGEST_WAIT_SECONDS = 2;

/**
 * Time at the end of an invocation in which a worker begins nothing new, seconds, and its largest share. By design:
 * shared/drivers/invocationTime.ts.
 */
export const WIND_UP_SECONDS = 8;
export const WIND_UP_SHARE = 0.4;

/** The time of an invocation without its pages, seconds. Measured. */
export const TURN_SECONDS = 0.15;
/**
 * An invocation that reads one page and hands on, seconds. By design it waits half a second on average, because messages are
 * delayed by whole seconds; the rest is measured.
 */
export const SHORT_TURN_SECONDS = 0.8;

/** Any invocation of a worker. By design: receive, hide, delete; the chain's record twice and the ledger twice. Reads: measured. */
export const TURN = { queueRequests: 3, writeUnits: 4, readUnits: 3 } as const;

/** An invocation that hands on. By design: the message; the unit is put down and taken up again. */
export const HAND_ON = { queueRequests: 1, writeUnits: 2 } as const;

/** The same for the workflow driver. By design: there are no messages. Reads: as the queue driver's. */
export const WORKFLOW_TURN = { writeUnits: 2, readUnits: 3 } as const;
export const WORKFLOW_HAND_ON = { writeUnits: 2 } as const;

/**
 * Updates and reads of the ledger, per second and worker, by the most workers for which they hold. Simulated: counts and
 * exports at 100 to 9,000 RCU/s; one worker also measured. For the differences see docs/decisions/0106.
 */
export const VISITS = [
  { most: 1, writeUnits: 1, readUnits: 0 },
  { most: 8, writeUnits: 3.3, readUnits: 2.5 },
  { most: 16, writeUnits: 2.2, readUnits: 1.9 },
] as const;
/**
 * If there are more workers, all together make this many updates a second. Simulated; at most 212 by design
 * (shared/capacity/worker/pace.ts).
 */
export const VISITS_OF_MANY = 150;
/** If one worker's pages last longer than this, seconds, each has an update. By design: slices hold whole pages. */
export const LONG_PAGE_SECONDS = 0.5;
/** Additional updates in an invocation of a lone worker, before it visits the ledger rarely. Measured. */
export const FIRST_VISITS = 4.5;

/** How often a worker reads the job's head, a second. By design: shared/engine/crew.ts. */
export const HEADS_PER_SECOND = 1 / 3;

/**
 * A checkpoint covers what the job reads in the first of these times, and comes after the second of a worker's time at the
 * latest, seconds. By design: shared/engine/unitProgress.ts.
 */
export const CHECKPOINT_SECONDS = 1.1;
export const LONGEST_CHECKPOINT_SECONDS = 4;

/** The least usage of a unit. By design: claim, take, end. Reads: the source's head, and the sweeps at the end. Measured. */
export const UNIT = { writeUnits: 3, readUnits: 1.2 } as const;

/** The same with the workflow driver, where each unit has its own chain, and a step that looks at the job. Measured. */
export const WORKFLOW_UNIT = { writeUnits: 6.2, readUnits: 4.2 } as const;

/**
 * The start function, and the message that it sends to itself in case it is killed. By design: a request for each ten
 * chains, and the message to itself: send, receive, hide, delete. It writes a ledger; the job's two records, its
 * entries in the lists of jobs and of the table, and its audit entry, in a transaction that counts each twice; and the
 * state `running`. Its time is measured: 0.4 s at first, 0.05 s later.
 */
export const START = {
  ...{ invocations: 2, seconds: 0.4, memoryMegabytes: 512 },
  ...{ queueRequests: 5, writeUnits: 12, readUnits: 2 },
} as const;
export const CHAINS_PER_REQUEST = 10;

/**
 * State transitions of the workflow driver: of an execution with one round; of a turn (the task, the choice after it, and the counter
 * or the lane's end); and, in addition, of a turn with a wait. By design: services/shuffle/definition.ts, compared in its tests.
 */
export const TRANSITIONS = { execution: 10, turn: 3, wait: 1 } as const;

/** GenerateShuffledNumbers and Summarize together. Assumed: each takes as long as the start function does. */
export const WORKFLOW_ROUND = { invocations: 2, seconds: 0.8, memoryMegabytes: 512 } as const;

/**
 * The spark driver. A task works in stretches (config glueStretchSeconds; its default). By design: a stretch visits the ledger twice
 * and puts its unit down. At the end a message goes to the unit queue, whose worker ends the job, and a function looks at the run's
 * end. Assumed: the time from StartJobRun until the run begins, which is not billed, and from then until its tasks begin.
 */
export const SPARK = {
  ...{ tasksPerDpu: 4, stretchSeconds: 60, startSeconds: 30, setupSeconds: 15 },
  stretch: { writeUnits: 2, readUnits: 3 },
  handOn: { writeUnits: 2 },
  end: { invocations: 2, seconds: 0.4, memoryMegabytes: 256, queueRequests: 4, writeUnits: 5, readUnits: 3 },
} as const;

/** The end of a job. By design: its record twice, and the event about it. Reads: measured. */
export const END = { writeUnits: 2, readUnits: 4, events: 1 } as const;

/** From the request until the first page, seconds. Measured: 0.3 s, and 0.5 s more for new instances. */
export const START_SECONDS = 0.8;

/** An export's object, bytes of items: 64 MB of lines, by design. It is noted in an entry. */
export const OBJECT_BYTES = 50 * 1024 ** 2;
export const OBJECT = { writeUnits: 1, readUnits: 0.1 } as const;
/** Manifests of an export: files and summary, each with its checksum. By design. */
export const MANIFEST_PUTS = 4;

/** The write rate of one writing worker, WCU/s. By design: backfillMaximumConcurrency is divided by it. */
export const WCU_PER_WORKER = 1_000;
/** Items a second that a worker decides on without writing or waiting for capacity. Assumed; DynamoDB has no part in it. */
export const DRY_ITEMS_PER_WORKER = 5_000;
/** Lines of a page of an export or a list: a second's writes within these bounds. By design: shared/sources/linePages.ts. */
export const LINES_OF_PAGE = { most: 1_000, least: 25 } as const;

/**
 * A source in S3: two manifests with their checksums, read by the start function and again by each invocation of a worker at
 * most; each unit is opened once, and again after a hand-on. By design.
 */
export const SOURCE = { start: 4, turn: 2 } as const;

/** A message waits at most this long in the unit queue, days (its retention): services/scanner/component.ts. */
export const RETENTION_DAYS = 13;
