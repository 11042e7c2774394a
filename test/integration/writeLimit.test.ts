import { SLOT_MS, type Slot } from "../../local/gateway/throttling/record";
import { sharesOf, slotsOf } from "../../soak/shares";
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

test("all store functions together consume no more of the results table than the limit", async () => {
  const table = String(cloud.state.outputs.resultsTable);
  await cloud.administer("PUT", "capacity", { table, mode: "record" });
  const surveys = Array.from({ length: SURVEYS }, (_, n) => survey({ user_id: `p-${n}`, timestamp: secondOfDay(n) }));
  const from = Date.now();
  await cloud.sender.sendSurveys(surveys);
  await cloud.reader.drained(90_000);

  const record = await cloud.administer("GET", `consumption?table=${table}`);
  const slots = slotsOf(record.consumption as Slot[], "wcu");
  const total = slots.reduce((sum, { units }) => sum + units, 0);
  expect(total).toBeGreaterThanOrEqual(2 * SURVEYS);
  // Without the limit, the writes of ten seconds would come at once.
  expect(sharesOf(slots, SLOT_MS, [], [{ from, perSecond: LIMIT }]).ahead).toBeLessThan(1);
  expect((await cloud.reader.state()).dead).toBe(0);
  expect(Object.keys((await cloud.reader.state()).participants)).toHaveLength(SURVEYS);
});
