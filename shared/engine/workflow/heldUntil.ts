import type { Chain } from "../../jobs/chain";

/**
 * An earlier epoch's worker puts its work down when it notices the pause or its time is over, milliseconds. Mostly that is long
 * before its lease ends. A shorter time would fill the state machine's history.
 */
const LONGEST_OF_EARLIER_MS = 60_000;

/**
 * When to look again at a chain that another worker holds, milliseconds since the epoch.
 * @param turn of the worker that looks.
 */
export function heldUntil({ turn: ofHolder, leaseUntil = 0 }: Chain, turn: number, now: number): number {
  return ofHolder < turn ? Math.min(leaseUntil, now + LONGEST_OF_EARLIER_MS) : leaseUntil;
}
