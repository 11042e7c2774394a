import fc from "fast-check";
import { isNumberText } from "../../../shared/aws/decimal";
import { movingRate } from "../../../shared/engine/movingRate";

const positive = fc.double({ min: 0.01, max: 1000, noNaN: true });

test("with even consumption the rate is right from the first interval on", () => {
  fc.assert(
    fc.property(positive, fc.array(positive, { minLength: 1 }), (rate, intervals) => {
      let average = 0;
      for (const seconds of intervals) average = movingRate(average, rate * seconds, seconds);
      expect(average).toBeCloseTo(rate, 5);
    }),
  );
});

test("a short interval with a large consumption counts only for its duration", () => {
  // 10 units a second; every second page comes immediately after the one before.
  let average = 0;
  for (let page = 0; page < 100; page++) average = movingRate(average, 5, page % 2 === 0 ? 0.999 : 0.001);
  expect(average).toBeGreaterThan(8);
  expect(average).toBeLessThan(12);
});

test("a rate that nothing has added to for a day is nearly 0, and still a number that DynamoDB keeps", () => {
  let average = 100;
  for (let page = 0; page < 86_400; page++) average = movingRate(average, 0, 1);
  expect(average).toBeLessThan(0.001);
  expect(average).toBeGreaterThan(0);
  expect(isNumberText(String(average))).toBe(true);
});
