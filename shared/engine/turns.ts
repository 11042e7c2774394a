/** Turns and epochs: how old a message is. See protocol.ts. */

/** Turns an epoch has; far more than invocations a chain can have. */
const TURNS_PER_EPOCH = 1_000_000;

/** The turn of the first messages of an epoch. */
export function firstTurn(epoch: number): number {
  return epoch * TURNS_PER_EPOCH;
}

/** Above the turns of all messages of an epoch. */
export function lastTurn(epoch: number): number {
  return firstTurn(epoch + 1) - 1;
}
