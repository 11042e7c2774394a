/** Writes in one way, in a separate process, and reports time and CPU. Started by benchmark.ts. */
import type { Places } from "./places";
import { type WayName, ways } from "./ways";

export interface Task {
  readonly way: WayName;
  readonly places: Places;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface Measured {
  readonly itemsPerSecond: number;
  /** User and system, microseconds. */
  readonly cpuPerItem: number;
}

process.once("message", async ({ way, places, warmUpSeconds, seconds }: Task) => {
  const work = await ways[way](places);
  await work(1_000 * warmUpSeconds);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const items = await work(1_000 * seconds);
  const { user, system } = process.cpuUsage(cpu);
  const took = (performance.now() - started) / 1_000;
  const measured: Measured = { itemsPerSecond: items / took, cpuPerItem: (user + system) / items };
  process.send?.(measured, () => process.exit());
});
