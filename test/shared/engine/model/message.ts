/** A message to a worker, from a queue or from a state machine. */

/** The chain of a message that goes on with a start. The turn of such a message is the epoch. */
export const WATCH = -1;

export interface Message {
  readonly id: string;
  readonly chain: number;
  readonly turn: number;
  readonly unit: number | undefined;
  /** When it can be received; undefined: deleted. */
  readonly visibleAt: number | undefined;
}

/** @param copies of the message that there are already. */
export function idOf(chain: number, turn: number, copies = 0): string {
  const name = chain === WATCH ? "watch" : `c${chain}`;
  return `${name}t${turn}${"'".repeat(copies)}`;
}
