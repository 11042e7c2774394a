import { measureBundles } from "../../../bench/ingest/bundles";

test("the bundles of the store function and of the hand-written handler load with the benchmark's environment", async () => {
  const { kilobytes, loadMs, handWritten, sameBundler } = await measureBundles(1);
  expect(kilobytes).toBeLessThanOrEqual(480);
  for (const measured of [loadMs, handWritten.ratio, sameBundler.ratio]) expect(measured).toBeGreaterThan(0);
  expect(handWritten.kilobytes).toBeGreaterThan(sameBundler.kilobytes);
});
