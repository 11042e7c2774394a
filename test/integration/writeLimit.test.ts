import { RunningCloud } from "./runningCloud";
import { secondOfDay, survey } from "./surveys";

/** WCU/s on the results table; a submission takes two of them. */
const LIMIT = 40;
const SURVEYS = 200;

let cloud: RunningCloud;
beforeAll(async () => {
  cloud = await RunningCloud.start({ ingestWriteCapacityLimit: String(LIMIT) });
});
afterAll(() => cloud?.stop());

test("all store functions together take no more from the results table than the limit, from the first second on", async () => {
  const table = String(cloud.state.outputs.resultsTable);
  await cloud.administer("PUT", "capacity", { table, mode: "record" });
  const surveys = Array.from({ length: SURVEYS }, (_, n) => survey({ user_id: `p-${n}`, timestamp: secondOfDay(n) }));
  await cloud.sender.sendSurveys(surveys);
  await cloud.reader.drained(90_000);

  const record = await cloud.administer("GET", `consumption?table=${table}`);
  const slots = record.consumption as { at: number; wcu: number }[];
  const total = slots.reduce((sum, { wcu }) => sum + wcu, 0);
  expect(total).toBeGreaterThanOrEqual(2 * SURVEYS);
  const worstSecond = Math.max(
    ...slots.map(({ at }) =>
      slots.filter((slot) => slot.at >= at && slot.at < at + 1_000).reduce((sum, { wcu }) => sum + wcu, 0),
    ),
  );
  // One request's cost above the tenth that is allowed: a second may begin with one already in flight.
  expect(worstSecond).toBeLessThanOrEqual(LIMIT * 1.1 + 2);
  expect((await cloud.reader.state()).dead).toBe(0);
  expect(Object.keys((await cloud.reader.state()).participants)).toHaveLength(SURVEYS);
});
