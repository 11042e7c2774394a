/** The contract of drivers: what hands units to workers. */

/** Permission to take up a unit, as a driver carries it. A driver may deliver it more than once. */
export interface UnitTurn {
  readonly job: string;
  readonly unit: number;
  /** Rises with each hand-over; see shared/engine/protocol.ts. */
  readonly turn: number;
}

export interface Driver {
  /** Resolves once all turns are as good as delivered: no crash can lose one any more. */
  dispatch(turns: readonly UnitTurn[]): Promise<void>;
}
