/**
 * Opens a capacity limiter for the invocation and closes it afterwards: on success, on an error, and when middy ends the
 * handler early (`timeoutEarlyInMillis`). Closing gives unspent capacity back to the other workers.
 *
 * ```ts
 * const ledger = new Ledger(new DynamoDbLedger({ client: new DynamoDBClient({}), table: env.jobsTable, key }));
 * const limiter = new CapacityLimiter({ ledger, clock: systemClock, limits: { table: env.writeCapacityLimit } });
 * const client = new DynamoDBClient({});
 * client.middlewareStack.use(capacityPlugin(limiter, { table: env.resultsTable, direction: "write" }));
 *
 * export const handler = middy(storeSubmissions(client)).use(capacityLimit({ limiters: [limiter] }));
 * ```
 *
 * The handler needs only its client; the limiters themselves are in `context.capacityLimiters`. An invocation uses the
 * ledger only from its first request on, so an invocation that writes nothing costs nothing.
 */
import type middy from "@middy/core";
import type { CapacityLimiter } from "../capacity/worker/limiter";
import type { Clock } from "../clock";
import { systemClock } from "../clock";

export interface CapacityLimitOptions {
  /** Opened before the handler and closed after it. */
  readonly limiters: readonly CapacityLimiter[];
  /**
   * How long before the end of the Lambda's time requests are refused, milliseconds: the time that the handler needs to
   * release its work. Default 1000.
   */
  readonly reserveMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** An unspent slice is lost to the others for this long anyway. And this is short enough to leave most of the reserve. */
const CLOSE_WITHIN_MS = 500;

const defaults = { reserveMs: 1000, clock: systemClock };

export function capacityLimit(options: CapacityLimitOptions): middy.MiddlewareObj {
  const { limiters, reserveMs, clock } = { ...defaults, ...options };

  const before: middy.MiddlewareFn = ({ context }) => {
    const remaining = context.getRemainingTimeInMillis?.();
    const deadline = remaining === undefined ? {} : { deadline: clock.now() + remaining - reserveMs };
    for (const limiter of limiters) limiter.open(deadline);
    Object.assign(context, { capacityLimiters: limiters });
  };

  /**
   * Capacity that cannot be given back is lost to the others for half a second. That must not fail or delay the invocation.
   */
  const close = async () => {
    const closed = new AbortController();
    const closing = Promise.allSettled(limiters.map((limiter) => limiter.close())).finally(() => closed.abort());
    await Promise.race([closing, clock.sleep(CLOSE_WITHIN_MS, closed.signal).catch(() => undefined)]);
  };

  return { before, after: close, onError: close };
}
