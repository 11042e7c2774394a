import { SluiceError } from "../../shared/errors";
import type { Benchmark } from "../benchmark";
import { type BatchFigures, type BundleFigures, measureBatches, measureBundles } from "./bundles";
import { type CostReport, costReport, renderCost } from "./cost";
import { meterSubmissions } from "./meterSubmissions";

interface Figure {
  figure: string;
  measured: number;
  goal: string;
  met: boolean;
}

interface Report {
  figures: Figure[];
  batches: BatchFigures;
  bundles: BundleFigures;
  cost: CostReport;
}

export const benchmark: Benchmark<Report> = {
  summary:
    "Measure the store function's CPU time, its bundle's size and load time, and the cost of a million submissions.",
  options: (command) => command.option("--submissions <number>", "submissions that are metered for the cost", "1000"),
  async run(options, progress) {
    const submissions = wholeNumber(options.submissions);
    progress("size and load time of the bundle …");
    const bundles = await measureBundles();
    progress("CPU of a batch …");
    const batches = await measureBatches();
    progress("starting the local cloud …");
    const cost = costReport(await meterSubmissions(submissions, progress));
    const figures = [
      atMost("CPU of the handler by CPU of its logic", batches.ratio, 1.1),
      atMost("bundle in kB", bundles.kilobytes, 480),
      atMost("load time by a hand-written handler's", bundles.handWritten.ratio, 1.05),
    ];
    return { figures, batches, bundles, cost };
  },
  render: ({ figures, batches, bundles, cost }) =>
    [
      ...figures.map(
        ({ figure, measured, goal, met }) => `${met ? "met   " : "MISSED"} ${figure}: ${measured.toFixed(3)} (${goal})`,
      ),
      `batch of ten: ${batches.handlerMicros.toFixed(0)} µs CPU; bare ${batches.bareMicros.toFixed(0)} µs`,
      `bundle: ${bundles.kilobytes.toFixed(0)} kB loads in ${bundles.loadMs.toFixed(1)} ms`,
      `  hand-written handler: ${yardstick(bundles.handWritten)}`,
      `  the same through our bundler: ${yardstick(bundles.sameBundler)}`,
      renderCost(cost),
    ].join("\n"),
};

function yardstick({ kilobytes, loadMs, ratio }: BundleFigures["handWritten"]): string {
  return `${kilobytes.toFixed(0)} kB, ${loadMs.toFixed(1)} ms (ours takes ${ratio.toFixed(2)} times as long)`;
}

function atMost(figure: string, measured: number, bound: number): Figure {
  return { figure, measured, goal: `≤ ${bound}`, met: measured <= bound };
}

function wholeNumber(value: unknown): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new SluiceError("BAD_OPTION", `--submissions must be a whole number above 0, got ${value}.`, { value });
}
