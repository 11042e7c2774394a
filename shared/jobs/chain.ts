/**
 * The record of a chain. A chain is a succession of invocations: each works on one unit after another and hands on to the
 * next. A job has as many chains as its rate feeds.
 */
import type { Usage } from "../cost/usage";

export interface Chain {
  /** Its number, from 0. */
  readonly number: number;
  /** Turn of the newest message that holds or may take the chain; older messages are stale. See shared/engine/protocol.ts. */
  readonly turn: number;
  /** The worker that holds it, and the end of its lease, milliseconds since the epoch. */
  readonly owner?: string;
  readonly leaseUntil?: number;
  /** Times it was taken since it was put down; absent while nobody holds it. */
  readonly attempts?: number;
  /** What its invocations have used so far. That of one which crashed is not in it. */
  readonly usage?: Usage;
}
