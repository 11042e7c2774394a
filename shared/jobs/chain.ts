/**
 * The record of a chain. A chain is a series of invocations: each works on one unit after another and hands on to the
 * next invocation. A job has as many chains as its rate feeds.
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
  /** How often it was taken since it was last put down; absent while no worker holds it. */
  readonly attempts?: number;
  /** The usage of its invocations so far. The usage of crashed invocations is missing. */
  readonly usage?: Usage;
}
