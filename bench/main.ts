/** `npm run bench -- NAME [--json]`: finds `bench/NAME/benchmark.ts`, runs it and prints its report. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { waiting } from "../cli/progress";
import { runMain, untilStopped } from "../local/lifetime";
import { systemClock } from "../shared/clock";
import type { Benchmark } from "./benchmark";
import { BenchCommand } from "./options";

runMain("bench", async () => {
  const program = new BenchCommand("npm run bench --").description("Run a benchmark. Each prints JSON with --json.");
  for (const name of namedBy(process.argv)) {
    const { benchmark } = (await import(join(__dirname, name, "benchmark"))) as { benchmark: Benchmark };
    const command = program.command(name).description(benchmark.summary);
    command.option("--json", "print one JSON document instead of text");
    benchmark.options?.(command);
    command.action(async (options: Record<string, unknown>) => {
      command.check();
      const doing = waiting("Preparing …", process.stderr, systemClock);
      const report = await benchmark.run(options, (line) => doing.next(line)).finally(() => doing.stop());
      process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : benchmark.render(report)}\n`);
    });
  }
  await Promise.race([program.parseAsync(), untilStopped("")]);
});

/** The benchmarks that the arguments name, else all. Loading all takes seconds, and only the list of commands needs it. */
function namedBy(args: readonly string[]): string[] {
  const names = benchmarkNames();
  const named = names.filter((name) => args.includes(name));
  return named.length > 0 ? named : names;
}

function benchmarkNames(): string[] {
  return readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(__dirname, entry.name, "benchmark.ts")))
    .map((entry) => entry.name)
    .sort();
}
