import { measureBundles } from "../../../bench/ingest/bundles";

test("the store function's bundle loads with the benchmark's environment, and so does the hand-written handler's", async () => {
  const { kilobytes, loadMs, handWritten, sameBundler } = await measureBundles(1);
  expect(kilobytes).toBeLessThanOrEqual(480);
  for (const measured of [loadMs, handWritten.ratio, sameBundler.ratio]) expect(measured).toBeGreaterThan(0);
  expect(handWritten.kilobytes).toBeGreaterThan(sameBundler.kilobytes);
});
