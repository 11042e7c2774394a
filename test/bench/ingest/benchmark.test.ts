import { benchmark } from "../../../bench/ingest/benchmark";

test.each(["0", "-1", "1.5", "many"])("%s submissions are refused before anything is measured", async (submissions) => {
  const progress = jest.fn();
  const run = benchmark.run({ submissions }, progress);
  await expect(run).rejects.toThrow(`--submissions must be a whole number above 0, got ${submissions}.`);
  expect(progress).not.toHaveBeenCalled();
});
