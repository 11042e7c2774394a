/** How often an export puts an object: the real page loop with the real operation, on the test's own clock. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { workPages } from "../../../../shared/engine/pageLoop";
import { noCounts, type Unit } from "../../../../shared/jobs/unit";
import type { Exported } from "../../../../shared/operations/export/exported";
import { exportItems } from "../../../../shared/operations/export/exportItems";
import type { Operation, Tools } from "../../../../shared/operations/operation";
import { objectBytes } from "../../../../shared/results/openObject";
import type { Source } from "../../../../shared/sources/source";
import { sampleJob } from "../../../support/sampleJob";
import { beforeEachWithTools, items } from "./exportGround";

let tools: Tools;
beforeEachWithTools((given) => {
  tools = given;
});
afterEach(() => jest.restoreAllMocks());

/** Exports a unit of so many pages, each of which takes so long. */
async function exported(pages: number, pageMs: number) {
  let [now, saves] = [0, 0];
  const puts: string[] = [];
  const send = (command: PutObjectCommand) => {
    if (command instanceof PutObjectCommand) puts.push(command.input.Key!);
    return tools.s3.send(command);
  };
  const source: Source = {
    async read(cursor) {
      now += pageMs;
      const page = (cursor as number | undefined) ?? 0;
      const next = page + 1 < pages ? page + 1 : undefined;
      return { items: items(20, 100), scannedItems: 20, scannedBytes: 2_400, rcu: 16, cursor: next };
    },
  };
  const unit: Unit = {
    ...{ number: 0, state: "active", turn: 0, attempts: 1, counts: noCounts, rcuPerSecond: 0, updatedAt: 0 },
  };
  const stretch = await workPages({
    job: sampleJob({ operation: { name: "export", params: {} } }),
    unit,
    source,
    operation: exportItems as Operation,
    tools: { ...tools, s3: { send } as never },
    budget: { observe: () => undefined, perSecond: () => undefined },
    clock: { now: () => now, sleep: () => Promise.reject(new Error("nothing here sleeps")) },
    stopAt: Number.POSITIVE_INFINITY,
    save: async () => void saves++,
  });
  expect(stretch).toMatchObject({ end: "exhausted", checkpoint: { counts: { items: 20 * pages } } });
  const { checkpoint } = stretch as { checkpoint: { result: Exported } };
  const whole = puts.filter((key) => key.includes("/data/"));
  return { saves, pieces: puts.length - whole.length, whole: whole.length, objects: checkpoint.result.objects };
}

test.each([
  // Twenty pages a second.
  [600, 50],
  // A page a second.
  [30, 1_000],
  [120, 250],
])("an export of thirty seconds puts about thirty times: %d pages of %d ms", async (pages, pageMs) => {
  const { saves, pieces, whole, objects } = await exported(pages, pageMs);
  expect({ whole, objects }).toEqual({ whole: 1, objects: 1 });
  expect(pieces).toBe(saves);
  expect(pieces + whole).toBeLessThanOrEqual(31);
  // A checkpoint every 1.1 seconds.
  expect(pieces + whole).toBeGreaterThanOrEqual(27);
});

test("and puts each complete object once more, instead of a piece", async () => {
  jest.replaceProperty(objectBytes, "enough", 300_000);
  const { saves, pieces, whole, objects } = await exported(600, 50);
  expect(objects).toBeGreaterThan(4);
  expect(whole).toBe(objects);
  expect(pieces + whole).toBe(saves + 1);
});
