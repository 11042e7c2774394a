/** One turn at a chain: puts protocol, source, operation and capacity together. */
import type { ChainTurn, Driver } from "../drivers/driver";
import { firstStopAt } from "../drivers/invocationTime";
import { Crew } from "../engine/crew";
import { type Handled, handleChainTurn } from "../engine/protocol";
import { isFirstTurn } from "../engine/turns";
import { type Timed, withWork } from "./openWork";
import type { WorkAtHand, WorkParts } from "./workParts";

/** The parts that stay the same from turn to turn. */
export interface WorkerParts extends WorkParts {
  /** Most workers at once. */
  readonly mostWorkers: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The parts of one turn. */
export interface TurnAtHand extends WorkAtHand {
  readonly driver: Driver;
}

/** @throws what `handleChainTurn` throws: the turn has to come again. */
export function workChain(turn: ChainTurn, at: TurnAtHand, parts: WorkerParts): Promise<Timed<Handled>> {
  const { clock, random, mostWorkers: most } = parts;
  const { driver } = at;
  const stopAt = isFirstTurn(turn.turn) ? firstStopAt(at, random) : at.stopAt;
  return withWork(turn.job, at, parts, ({ stores, capacity, options }) => {
    const crew = new Crew({ ...stores, chain: turn.chain, driver, clock, use: () => capacity.use(), most });
    const onHead = crew.see.bind(crew);
    return handleChainTurn(turn, { ...options(() => crew.goOn(), stopAt), driver, stopAt, onHead });
  });
}
