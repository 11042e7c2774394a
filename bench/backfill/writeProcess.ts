/** Writes in one way, in a separate process, and reports time and CPU. Started by benchmark.ts. */
import type { Places } from "./places";
import { type WayName, ways } from "./ways";

export interface Task {
  readonly way: WayName;
  readonly places: Places;
  readonly seconds: number;
}

export interface Measured {
  readonly itemsPerSecond: number;
  /** User and system, microseconds. */
  readonly cpuPerItem: number;
}

/** CPU that the code takes until it is compiled, seconds. Beside other work that may be much longer by the clock. */
const WARM_UP_CPU_SECONDS = 3;
/** How long a way that hardly uses the CPU is warmed up, milliseconds. */
const LONGEST_WARM_UP_MS = 15_000;
const WARM_UP_TURN_MS = 3_000;

async function warmUp(work: (ms: number) => Promise<unknown>): Promise<void> {
  const isCold = () => process.cpuUsage().user < 1e6 * WARM_UP_CPU_SECONDS && performance.now() < LONGEST_WARM_UP_MS;
  while (isCold()) await work(WARM_UP_TURN_MS);
}

process.once("message", async ({ way, places, seconds }: Task) => {
  const work = await ways[way](places);
  await warmUp(work);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const items = await work(1_000 * seconds);
  const { user, system } = process.cpuUsage(cpu);
  const took = (performance.now() - started) / 1_000;
  const measured: Measured = { itemsPerSecond: items / took, cpuPerItem: (user + system) / items };
  process.send?.(measured, () => process.exit());
});
