/**
 * Updates and copies by the whole worker beside the bare SDK, against a stub that answers like DynamoDB after 5 ms; each reading
 * in a process of its own, in turns, and the medians compared.
 */
import { fork } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { DynamoDbLocal } from "../../local/backends/dynamodbLocal";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { median } from "../median";
import { someOf } from "../options";
import { makeTables } from "./makeTables";
import { messageOf } from "./messageOf";
import type { WayName } from "./ways";
import type { Measured, Task } from "./writeProcess";

export interface BackfillReport {
  readonly met: boolean;
  readonly ways: Readonly<Record<WayName, Measured>>;
  readonly figures: readonly Figure[];
}

const ORDER: readonly WayName[] = ["worker", "parallel", "sequential", "workerCopy", "bareCopy"];

const TITLES: Readonly<Record<WayName, string>> = {
  worker: "update, the whole worker",
  parallel: "update, 32 UpdateItem in flight, bare SDK",
  sequential: "update, UpdateItem one after the other, bare SDK",
  workerCopy: "copy, the whole worker",
  bareCopy: "copy, 32 BatchWriteItem in flight, bare SDK",
};

export const benchmark: Benchmark<BackfillReport> = {
  summary: "Compare updates and copies with the bare SDK, against a stub of DynamoDB (some minutes).",
  options: (command: Command) => {
    command
      .option("--rounds <n>", "measurements of each variant", "5")
      .option("--seconds <n>", "duration of a measurement, in seconds", "10")
      .option(
        "--ways <names>",
        `only these of ${ORDER.join(",")}; only all of them together give figures`,
        someOf(ORDER),
      );
  },
  run: async ({ rounds, seconds, ways }, progress) => {
    const order = ways === undefined ? ORDER : ORDER.filter((way) => String(ways).split(",").includes(way));
    const stub = fork(join(__dirname, "stubProcess.ts"));
    const database = await DynamoDbLocal.start();
    try {
      await makeTables(database.endpoint);
      const places = { stub: `http://127.0.0.1:${await messageOf<number>(stub)}`, jobs: database.endpoint };
      const task = { places, seconds: Number(seconds) };
      return report(await measure(task, order, Number(rounds), progress));
    } finally {
      stub.disconnect();
      await database.stop();
    }
  },
  render: ({ ways: measured, figures }) =>
    [
      ...ORDER.filter((way) => measured[way] !== undefined).map((way) => {
        const { itemsPerSecond, cpuPerItem } = measured[way];
        return `${TITLES[way]}: ${Math.round(itemsPerSecond)} items/s, ${cpuPerItem.toFixed(1)} µs of CPU an item`;
      }),
      ...figures.map(renderFigure),
    ].join("\n"),
};

async function measure(
  task: Omit<Task, "way">,
  order: readonly WayName[],
  rounds: number,
  progress: (line: string) => void,
): Promise<Record<WayName, Measured>> {
  const readings = new Map<WayName, Measured[]>(order.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of order) readings.get(way)!.push(await readOnce({ ...task, way }));
    progress(`round ${round + 1} of ${rounds}`);
  }
  return Object.fromEntries([...readings].map(([way, all]) => [way, medians(all)])) as Record<WayName, Measured>;
}

function medians(readings: readonly Measured[]): Measured {
  return {
    itemsPerSecond: median(readings.map(({ itemsPerSecond }) => itemsPerSecond)),
    cpuPerItem: median(readings.map(({ cpuPerItem }) => cpuPerItem)),
  };
}

function report(ways: Record<WayName, Measured>): BackfillReport {
  const figures = ORDER.every((way) => ways[way] !== undefined) ? figuresOf(ways) : [];
  return { met: figures.every(({ met }) => met), ways, figures };
}

function figuresOf({ worker, parallel, sequential, workerCopy, bareCopy }: Record<WayName, Measured>): Figure[] {
  return [
    atLeast("updates/s by those of 32 UpdateItem", worker.itemsPerSecond / parallel.itemsPerSecond, 15),
    atLeast("updates/s by those of one after the other", worker.itemsPerSecond / sequential.itemsPerSecond, 60),
    atMost("CPU of an update by that of 32 UpdateItem", worker.cpuPerItem / parallel.cpuPerItem, 0.08),
    atLeast("copied items/s by those of the bare loop", workerCopy.itemsPerSecond / bareCopy.itemsPerSecond, 0.95),
    atMost("CPU of a copied item by that of the bare loop", workerCopy.cpuPerItem / bareCopy.cpuPerItem, 1.1),
  ];
}

function atLeast(name: string, measured: number, least: number): Figure {
  return { name, measured, goal: `at least ${least}`, met: measured >= least };
}

function atMost(name: string, measured: number, most: number): Figure {
  return { name, measured, goal: `at most ${most}`, met: measured <= most };
}

async function readOnce(task: Task): Promise<Measured> {
  const child = fork(join(__dirname, "writeProcess.ts"));
  const answer = messageOf<Measured>(child);
  child.send(task);
  return answer;
}
