import type { Benchmark } from "../benchmark";
import { type BatchFigures, type BundleFigures, measureBatches, measureBundles } from "./bundles";
import { measureThroughput, type Throughput } from "./throughput";

interface Figure {
  figure: string;
  measured: number;
  goal: string;
  met: boolean;
}

interface Report {
  figures: Figure[];
  throughput: Throughput;
  batches: BatchFigures;
  bundles: BundleFigures;
}

export const benchmark: Benchmark<Report> = {
  summary: "ingest: surveys/s through the local cloud, CPU of the handler, size and load time of its bundle",
  options: (command) => command.option("--surveys <number>", "surveys a round of the throughput part", "1000"),
  async run({ surveys }, progress) {
    progress("size and load time of the bundle …");
    const bundles = await measureBundles();
    progress("CPU of a batch …");
    const batches = await measureBatches();
    const throughput = await measureThroughput(Number(surveys), progress);
    const figures = [
      atLeast("surveys/s by transactions/s of DynamoDB Local alone", throughput.ratio, 0.8),
      atMost("CPU of the handler by CPU of its logic", batches.ratio, 1.1),
      atMost("bundle in kB", bundles.kilobytes, 480),
      atMost("load time by a hand-written handler's", bundles.handWritten.ratio, 1.05),
    ];
    return { figures, throughput, batches, bundles };
  },
  render: ({ figures, throughput, batches, bundles }) =>
    [
      ...figures.map(
        ({ figure, measured, goal, met }) => `${met ? "met   " : "MISSED"} ${figure}: ${measured.toFixed(3)} (${goal})`,
      ),
      `throughput: ${throughput.throughLocalCloud.toFixed(0)} surveys/s; DynamoDB Local alone ${throughput.dynamodbLocalAlone.toFixed(0)}/s`,
      `batch of ten: ${batches.handlerMicros.toFixed(0)} µs CPU; bare ${batches.bareMicros.toFixed(0)} µs`,
      `bundle: ${bundles.kilobytes.toFixed(0)} kB loads in ${bundles.loadMs.toFixed(1)} ms`,
      `  hand-written handler: ${yardstick(bundles.handWritten)}`,
      `  the same through our bundler: ${yardstick(bundles.sameBundler)}`,
    ].join("\n"),
};

function yardstick({ kilobytes, loadMs, ratio }: BundleFigures["handWritten"]): string {
  return `${kilobytes.toFixed(0)} kB, ${loadMs.toFixed(1)} ms (ours takes ${ratio.toFixed(2)} times as long)`;
}

function atLeast(figure: string, measured: number, bound: number): Figure {
  return { figure, measured, goal: `≥ ${bound}`, met: measured >= bound };
}

function atMost(figure: string, measured: number, bound: number): Figure {
  return { figure, measured, goal: `≤ ${bound}`, met: measured <= bound };
}
