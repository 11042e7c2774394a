import type { Command } from "commander";

/** A benchmark that `npm run bench -- NAME` runs. `bench/<name>/benchmark.ts` exports it as `benchmark`. */
export interface Benchmark<Report extends object = object> {
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Adds the benchmark's own options to the command line. */
  options?(command: Command): void;
  /**
   * Measures. `progress` names what is measured from now on; it is shown on stderr, with the time that it takes, so that
   * `--json` stays a single document on stdout.
   */
  run(options: Record<string, unknown>, progress: (line: string) => void): Promise<Report>;
  /** The report as text for people. */
  render(report: Report): string;
}
