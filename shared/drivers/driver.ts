/** The contract of drivers: what hands a job's work to workers. */

/** Permission to go on with a chain, as a driver carries it. A driver may deliver it more than once. */
export interface ChainTurn {
  readonly job: string;
  readonly chain: number;
  /** Rises with each hand-over; see shared/engine/protocol.ts. */
  readonly turn: number;
  /** The unit that the chain's last worker put down unfinished. Only a hint: where that unit is taken, another one will do. */
  readonly unit?: number;
}

export interface Driver {
  /**
   * Resolves once all turns are as good as delivered: no crash can lose one any more.
   * @param delaySeconds whole seconds, 0 to 900, before which none is delivered. Default 0.
   */
  dispatch(turns: readonly ChainTurn[], delaySeconds?: number): Promise<void>;
}
