import type { Stretch, WorkTools } from "../../../shared/engine/unitWork";
import type { Checkpoint } from "../../../shared/jobs/stores";
import type { Unit } from "../../../shared/jobs/unit";
import { UnitsTally } from "../../../shared/worker/unitsTally";

const counts = (items: number, rcu: number) => ({ pages: 1, scannedItems: items, items, rcu });
const at = (items: number, rcu: number) => ({ counts: counts(items, rcu) }) as Checkpoint;
const unit = { counts: counts(100, 10) } as Unit;
const tools: WorkTools = { save: async () => undefined, note: () => undefined };

test("a unit's progress in earlier turns is not counted again", async () => {
  const tally = new UnitsTally();
  await tally.of(unit, tools, async ({ save }) => {
    await save(at(150, 15));
    await save(at(180, 16.5));
    return { end: "exhausted", checkpoint: at(200, 20) };
  });
  expect(tally.take()).toEqual({ items: 100, rcu: 10 });
  expect(tally.take()).toEqual({ items: 0, rcu: 0 });
});

test.each<[string, Stretch, object]>([
  ["with unsaved progress", { end: "paused", unsaved: at(130, 11) }, { items: 30, rcu: 1 }],
  ["without unsaved progress", { end: "retired" }, { items: 0, rcu: 0 }],
])("a unit that is put down %s adds what it has to the tally", async (_, stretch, expected) => {
  const tally = new UnitsTally();
  expect(await tally.of(unit, tools, async () => stretch)).toBe(stretch);
  expect(tally.take()).toEqual(expected);
});

test("a checkpoint that is not saved doesn't count, but the ones before it do", async () => {
  const tally = new UnitsTally();
  const save = jest.fn().mockResolvedValueOnce(undefined).mockRejectedValue(new Error("lease lost"));
  const work = tally.of(unit, { ...tools, save }, async ({ save: saved }) => {
    await saved(at(150, 15));
    await saved(at(180, 16));
    return { end: "retired" };
  });
  await expect(work).rejects.toThrow("lease lost");
  expect(tally.take()).toEqual({ items: 50, rcu: 5 });
});
