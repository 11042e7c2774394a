/** Turns and epochs: how old a message is. See protocol.ts. */

/** Turns in an epoch: far more than a chain can have invocations. */
const TURNS_PER_EPOCH = 1_000_000;

/** The turn of the first messages of an epoch. */
export function firstTurn(epoch: number): number {
  return epoch * TURNS_PER_EPOCH;
}

/** Whether it is the turn of the first messages of its epoch. */
export function isFirstTurn(turn: number): boolean {
  return turn % TURNS_PER_EPOCH === 0;
}

/** Above the turns of all messages of an epoch. */
export function lastTurn(epoch: number): number {
  return firstTurn(epoch + 1) - 1;
}
