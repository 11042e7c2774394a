/** `npm run bench -- NAME [--json]`: finds `bench/NAME/benchmark.ts`, runs it and prints its report. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import type { Benchmark } from "./benchmark";

async function main(): Promise<void> {
  const program = new Command("bench").description("Sluice's benchmarks; each prints JSON with --json");
  for (const name of benchmarkNames()) {
    const { benchmark } = (await import(join(__dirname, name, "benchmark"))) as { benchmark: Benchmark };
    const command = program.command(name).description(benchmark.summary);
    command.option("--json", "print one JSON document instead of text");
    benchmark.options?.(command);
    command.action(async (options: Record<string, unknown>) => {
      const report = await benchmark.run(options, (line) => process.stderr.write(`${line}\n`));
      process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : benchmark.render(report)}\n`);
    });
  }
  await program.parseAsync();
}

function benchmarkNames(): string[] {
  return readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(__dirname, entry.name, "benchmark.ts")))
    .map((entry) => entry.name)
    .sort();
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
