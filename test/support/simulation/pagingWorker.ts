/** A simulated worker that makes its requests in pages, with a gap after each. */
import { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import type { MachineClock } from "../virtualTime";
import type { Random } from "./chance";
import type { World } from "./simulation";

/** WCU/s. At this limit a request of `mixedCost` costs about 15 ms. */
export const PAGING_RATE = 200;

export interface PagingWorker {
  /** About how long it makes no request after a page, milliseconds. */
  readonly gapMs: number;
  readonly requestsOfPage: number;
  /** Requests at a time. */
  readonly atOnce: number;
  /** When it joins and after when it begins no page, milliseconds. */
  readonly from: number;
  readonly until: number;
  /** See `CapacityLimiterOptions`. */
  readonly pauseMs: number;
}

export function mixedCost(random: Random): { table: number } {
  return { table: random() < 0.3 ? 3.5 : 2.8 };
}

export async function workInPages(world: World, clock: MachineClock, worker: PagingWorker): Promise<void> {
  const { gapMs, requestsOfPage, atOnce, from, until, pauseMs } = worker;
  const begun = clock.now();
  if (from > 0) await clock.sleep(from);
  const limiter = new CapacityLimiter({ ledger: world.ledger(clock), clock, random: world.random, pauseMs });
  limiter.open();
  while (clock.now() < begun + until) {
    let left = requestsOfPage;
    const thread = async () => {
      while (left-- > 0) (await limiter.acquire()).charge(await world.request(clock));
    };
    await Promise.all(Array.from({ length: atOnce }, thread));
    await clock.sleep(gapMs * (0.7 + 0.6 * world.random()));
  }
  await limiter.close();
}
