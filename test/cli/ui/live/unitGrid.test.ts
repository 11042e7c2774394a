import fc from "fast-check";
import { MOST_CELLS, unitGrid } from "../../../../cli/ui/live/unitGrid";
import { unitPhases } from "../../../../shared/jobs/progress";
import { job, retrying, snapshot } from "../../jobs/jobs";

const gridOf = (units: number, begun: Parameters<typeof snapshot>[1], state: "running" | "cancelled" = "running") => {
  const made = snapshot({ units, state, estimatedItems: 100 * units }, begun);
  return unitGrid(made.job, made.units);
};

test("few units have a cell each", () => {
  const half = { pages: 1, scannedItems: 50, items: 50, rcu: 1 };
  expect(gridOf(3, [{ number: 1, counts: half }])).toEqual([
    { from: 0, to: 0, phase: "waiting", share: 0, phases: { waiting: 1 } },
    { from: 1, to: 1, phase: "working", share: 0.5, phases: { working: 1 } },
    { from: 2, to: 2, phase: "waiting", share: 0, phases: { waiting: 1 } },
  ]);
});

test("among 100,000 units, a failed one and a retrying one can be seen", () => {
  const cells = gridOf(100_000, [
    { number: 0, state: "done" },
    { number: 1, state: "failed", reason: "no" },
    { number: 500, ...retrying },
  ]);
  expect(cells.length).toBeLessThanOrEqual(MOST_CELLS);
  expect(cells[0]).toMatchObject({ from: 0, to: 97, phase: "failed", phases: { failed: 1, done: 1, waiting: 96 } });
  expect(cells.filter(({ phase }) => phase === "retrying")).toMatchObject([{ from: 490, to: 587 }]);
  expect(cells.at(-1)!.to).toBe(99_999);
});

test("units of a cancelled job that no worker took are cancelled", () => {
  expect(gridOf(1, [], "cancelled")).toMatchObject([{ phase: "cancelled" }]);
});

test("every unit is in one cell, whatever their number", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200_000 }), (units) => {
      const cells = unitGrid(job({ units }), []);
      const counted = cells.flatMap(({ phases }) => unitPhases.map((phase) => phases[phase] ?? 0));
      expect(counted.reduce((sum, count) => sum + count)).toBe(units);
      expect(cells.length).toBeLessThanOrEqual(MOST_CELLS);
      for (const [at, { from }] of cells.entries()) expect(from).toBe(at === 0 ? 0 : cells[at - 1]!.to + 1);
    }),
    { numRuns: 50 },
  );
});
