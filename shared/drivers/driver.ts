/** The contract of drivers, which hand a job's work to workers. */

/** Permission to go on with a chain, as a driver carries it. A driver may deliver it more than once. */
export interface ChainTurn {
  readonly job: string;
  readonly chain: number;
  /** Rises with each hand-over; see shared/engine/protocol.ts. */
  readonly turn: number;
  /**
   * The unit that the chain's last worker put down unfinished. Only a hint: if another worker has that unit, any other will
   * do.
   */
  readonly unit?: number;
}

export interface Driver {
  /**
   * Resolves once no crash can lose any of the turns.
   * @param delaySeconds none is delivered earlier; whole seconds, 0 to 900. Default 0.
   */
  dispatch(turns: readonly ChainTurn[], delaySeconds?: number): Promise<void>;
}

/** One epoch of a job. */
export interface EpochTask {
  readonly job: string;
  readonly epoch: number;
}

/** A driver that gets a job's work all at once. */
export interface EpochDriver {
  /**
   * Begins an epoch, unless it was begun before. Resolves once no crash can lose it.
   * @returns what goes on with it, such as an execution's ARN.
   */
  begin(task: EpochTask): Promise<string>;
}
