import type { Clock } from "../../../shared/clock";

/** The longest time for which Node's timers can be set, in milliseconds. */
const TIMER_MAX_MS = 2_147_483_647;

/** Waits for any length of time. Rejects with the signal's reason if it aborts first. */
export async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const until = clock.now() + ms;
  for (let left = ms; left > 0; left = until - clock.now()) await clock.sleep(Math.min(left, TIMER_MAX_MS), signal);
}

/** A controller that aborts with its parent. Call `release` when its work is done: the parent may live for long. */
export function childController(parent: AbortSignal): AbortController & { release(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener("abort", abort, { once: true });
  return Object.assign(controller, { release: () => parent.removeEventListener("abort", abort) });
}

/** The result of a promise; rejects with the signal's reason if it aborts first. The work itself goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
