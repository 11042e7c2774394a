/** What happens in a cell: steady work with a tail, workers that come and go, workers that want less than their share. */

import { World } from "../../test/support/simulation/simulation";
import type { Cell } from "./cells";
import { workersNeeded } from "./cells";
import { BaselineWorker, SluiceWorker, type Worker } from "./worker";

export type Kind = "sluice" | "baseline";

export interface Steady {
  readonly world: World;
  /** Until here every worker had work, milliseconds. */
  readonly fullUntil: number;
  /** Units of each worker by then. */
  readonly units: readonly number[];
  /** Share of that time for which requests did not wait for capacity: the pace, compared to that without a limiter. */
  readonly pace: number;
}

/**
 * All workers start in the same millisecond and work for 40 s (or 24 items, where items are that slow); then one after the
 * other runs out of work over 10 s, and the last few (as many as can reach the rate) work on for 5 s.
 */
export async function steady(cell: Cell, kind: Kind, seed: number): Promise<Steady> {
  const fullUntil = Math.max(40_000, Math.ceil(24 * cell.itemMs));
  const tail = Math.max(10_000, Math.ceil(4 * cell.itemMs));
  const end = fullUntil + 1.5 * tail;
  const world = await newWorld(cell, end, seed);
  const workers = Array.from({ length: cell.workers }, () => newWorker(world, cell, kind));
  for (const worker of workers) worker.start();
  await world.time.runUntil(fullUntil);
  const units = workers.map((worker) => worker.units);
  const heldUpMs = workers.reduce((sum, worker) => sum + worker.heldUpMs, 0);
  const pace = 1 - heldUpMs / (cell.workers * cell.concurrency * fullUntil);
  const leaving = workers.slice(Math.min(cell.workers, workersNeeded(cell)));
  for (const [i, worker] of leaving.entries()) {
    await world.time.runUntil(fullUntil + Math.floor((tail * (i + 1)) / leaving.length));
    worker.stop();
  }
  await world.time.runUntil(end);
  return { world, fullUntil, units, pace };
}

export interface Churn {
  readonly world: World;
  readonly events: readonly { readonly name: string; readonly at: number }[];
}

/** Half of the workers start; the others join at once; half leave at once; half of the rest crash at once. */
export async function churn(cell: Cell, seed: number): Promise<Churn> {
  const phase = 8_000;
  const world = await newWorld(cell, 4 * phase, seed);
  const newOnes = (count: number) => Array.from({ length: count }, () => newWorker(world, cell, "sluice"));
  const first = newOnes(Math.ceil(cell.workers / 2));
  const second = newOnes(Math.max(1, Math.floor(cell.workers / 2)));
  for (const worker of first) worker.start();
  await world.time.runUntil(phase);
  for (const worker of second) worker.start();
  await world.time.runUntil(2 * phase);
  for (const worker of first) worker.stop();
  await world.time.runUntil(3 * phase);
  const crashing = second.slice(0, Math.floor(second.length / 2));
  for (const worker of crashing) worker.crash();
  await world.time.runUntil(4 * phase);
  const events = [
    { name: "join", at: phase },
    { name: "leave", at: 2 * phase },
    ...(crashing.length > 0 ? [{ name: "crash", at: 3 * phase }] : []),
  ];
  return { world, events };
}

/** Every other worker wants only a fifth of its fair share. */
export async function uneven(cell: Cell, seed: number): Promise<World> {
  const end = Math.max(15_000, Math.ceil(24 * cell.itemMs));
  const world = await newWorld(cell, end, seed);
  for (let i = 0; i < cell.workers; i++) {
    const modest = { concurrency: 1, thinkMs: (cell.itemMs * cell.workers) / 0.2 };
    const options = i % 2 === 1 ? modest : { concurrency: cell.concurrency, thinkMs: 0 };
    new SluiceWorker(world, options).start();
  }
  await world.time.runUntil(end);
  return world;
}

async function newWorld(cell: Cell, end: number, seed: number): Promise<World> {
  const world = new World(cell.limits, end, seed, cell.cost.draw, cell.drawMs);
  await world.createLedger();
  return world;
}

function newWorker(world: World, cell: Cell, kind: Kind): Worker {
  return kind === "baseline"
    ? new BaselineWorker(world, cell.workers)
    : new SluiceWorker(world, { concurrency: cell.concurrency, thinkMs: 0 });
}
