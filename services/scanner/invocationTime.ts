/** How a worker divides the time of its invocation. Pure. */

/** For what must follow the last page, milliseconds: its effects, the checkpoint, the next message, the answer. */
const WIND_UP_MS = 8_000;
/** Of a short invocation not more than this share. */
const WIND_UP_SHARE = 0.3;
/** Between the end of an invocation and the next delivery of a message whose worker crashed, seconds. */
const REDELIVERY_SECONDS = 5;

export interface InvocationTime {
  /** From when on no page is begun, and when Lambda ends the invocation, milliseconds since the epoch. */
  readonly stopAt: number;
  readonly endsAt: number;
  /**
   * For how long to hide the message, seconds: it comes again soon after a crash, instead of after the six function
   * time-outs that AWS wants for the queue.
   */
  readonly hideSeconds: number;
}

/** @param now milliseconds since the epoch. @param remainingMs what Lambda says is left of the invocation. */
export function divideTime(now: number, remainingMs: number): InvocationTime {
  const windUp = Math.min(WIND_UP_MS, WIND_UP_SHARE * remainingMs);
  return {
    stopAt: now + remainingMs - windUp,
    endsAt: now + remainingMs,
    hideSeconds: Math.ceil(remainingMs / 1000) + REDELIVERY_SECONDS,
  };
}
