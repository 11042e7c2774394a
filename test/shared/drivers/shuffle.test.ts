import fc from "fast-check";
import { shuffled } from "../../../shared/drivers/shuffle";

const random = (values: readonly number[]) => {
  let next = 0;
  return () => values[next++ % values.length]!;
};
const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 });

test("each element comes out once, and what went in stays as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), draws, (elements, values) => {
      const before = [...elements];
      const result = shuffled(elements, random(values));
      expect(elements).toEqual(before);
      expect(result.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b));
    }),
  );
});

test("every order is as likely as every other", () => {
  // All 24 sequences of choices for four elements lead to the 24 orders, each once.
  const orders = new Set<string>();
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 3; b++) {
      for (let c = 0; c < 2; c++) orders.add(shuffled([0, 1, 2, 3], random([a / 4, b / 3, c / 2])).join());
    }
  }
  expect(orders.size).toBe(24);
});
