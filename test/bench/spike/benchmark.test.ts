import { Command } from "commander";
import { benchmark } from "../../../bench/spike/benchmark";
import { duration } from "../../../bench/spike/duration";

function options(...args: string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  benchmark.options?.(command);
  return command.parse(args, { from: "user" }).opts();
}

test("a report names the stack's settings, each stage's rates and three sizes of flood", async () => {
  const report = (await benchmark.run(options(), () => undefined)) as Awaited<ReturnType<typeof benchmark.run>> &
    Record<string, never>;
  expect(report).toMatchObject({ stack: "dev", concurrency: 10, perParticipant: 500 });
  expect(JSON.parse(JSON.stringify(report)).spikes).toHaveLength(3);
  const text = benchmark.render(report);
  for (const words of ["100,000", "2.8 h", "1.7 min", "$87.24", "Nothing is lost", "quotas-queues.html"]) {
    expect(text).toContain(words);
  }
});

test("danger is marked in the text", async () => {
  const args = ["--config", "ingestQueueRetentionDays=1", "--seconds", "2"];
  const text = benchmark.render(await benchmark.run(options(...args), () => undefined));
  expect(text).toMatch(/^! 10,000,000: LOSS/m);
  expect(text).toContain("Something could be lost");
  expect(text).not.toContain("Nothing is lost");
});

test.each([
  [["--seconds", "0"], /--seconds must be a number above 0, got 0/],
  [["--submissions", "1000,many"], /--submissions must be a number above 0, got many/],
])("%j is refused", async (args, message) => {
  await expect(benchmark.run(options(...args), () => undefined)).rejects.toThrow(message);
});

test("a config value without a key is refused", () => {
  expect(() => options("--config", "nonsense")).toThrow("'nonsense' is invalid. must be key=value");
});

test.each([
  [0.1, "0.1 s"],
  [60, "60 s"],
  [100.5, "1.7 min"],
  [9_999, "2.8 h"],
  [400_000, "4.6 days"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
