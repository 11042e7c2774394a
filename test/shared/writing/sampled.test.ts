import { noOutcomes } from "../../../shared/writing/outcomes";
import { SampledOutcomes } from "../../../shared/writing/sampled";

const updated = (count: number) => ({ ...noOutcomes, updated: count });

test("items chosen one by one: the total follows from the share, and the interval shrinks with the number of items seen", () => {
  const sampled = new SampledOutcomes({ share: 0.01 });
  for (const count of [60, 40]) sampled.add(updated(count));
  // 100 ± 1.96 · √(100 · 0.99), a hundred times.
  expect(sampled.totals().updated).toEqual({ about: 10_000, from: 8_049, to: 11_951 });
});

test.each([
  [{ share: 0.01 }, 297],
  [{ share: 0.25, clusters: 40 }, 9],
  [{ share: 1, clusters: 10 }, 0],
])("an outcome that a sample (%j) doesn't have may have some items all the same", (share, to) => {
  const sampled = new SampledOutcomes(share);
  for (const count of [60, 40]) sampled.add(updated(count));
  expect(sampled.totals().failed).toEqual({ about: 0, from: 0, to });
});

test("clusters: the interval follows from the differences between them", () => {
  const sampled = new SampledOutcomes({ share: 0.04, clusters: 100 });
  for (const count of [90, 110, 100, 100]) sampled.add(updated(count));
  // s² = 200/3; 100 · √(0.96 · s² / 4) · 1.96 = 784.
  expect(sampled.totals().updated).toEqual({ about: 10_000, from: 9_216, to: 10_784 });
  const equal = new SampledOutcomes({ share: 0.02, clusters: 100 });
  for (const count of [5, 5]) equal.add(updated(count));
  expect(equal.totals().updated).toEqual({ about: 500, from: 500, to: 500 });
});

test("one cluster alone gives a wide interval", () => {
  const sampled = new SampledOutcomes({ share: 0.01, clusters: 100 });
  sampled.add(updated(7));
  expect(sampled.totals().updated).toEqual({ about: 700, from: 7, to: 2_072 });
});

test("a rare outcome lies in the interval at least that often", () => {
  const random = seeded(11);
  const rounds = 1_000;
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    let count = 0;
    for (let n = 0; n < 5; n++) if (random() < 0.1) count++;
    const sampled = new SampledOutcomes({ share: 0.1 });
    sampled.add({ ...updated(100), failed: count });
    const { from, to } = sampled.totals().failed;
    if (from <= 5 && 5 <= to) held++;
  }
  expect(held / rounds).toBeGreaterThan(0.92);
});

test("the truth lies in the interval about 19 times out of 20", () => {
  const random = seeded(7);
  const rounds = 1_000;
  let held = 0;
  for (let round = 0; round < rounds; round++) {
    let count = 0;
    for (let n = 0; n < 500; n++) if (random() < 0.1) count++;
    const sampled = new SampledOutcomes({ share: 0.1 });
    sampled.add(updated(count));
    const { from, to } = sampled.totals().updated;
    if (from <= 500 && 500 <= to) held++;
  }
  expect(held / rounds).toBeGreaterThan(0.92);
  expect(held / rounds).toBeLessThan(0.98);
});

/** Uniform in [0, 1): a linear congruential generator (Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
