import type { Entries } from "../../../soak/sending/receipts";
import { Refusals } from "../../../soak/sending/refusals";

const batch = (...texts: string[]): Entries => new Map(texts.map((text, index) => [String(index), text]));

test("each way of refusing has its turn, and the same batch always meets the same one", () => {
  const refusals = new Refusals(() => 0);
  const met = ["a", "b", "c", "d", "a", "b"].map((text) => refusals.meet(batch(text, "x"))?.name);
  expect(met).toEqual(["HTML 403", "empty 400", "HTML 413", "reset", "HTML 403", "empty 400"]);
  expect(refusals.report.map(({ matched, struck }) => [matched, struck])).toEqual([
    [6, 2],
    [6, 2],
    [6, 1],
    [6, 1],
  ]);
});

test("single messages and batches that the proxy doesn't refuse get through", () => {
  expect(new Refusals(() => 0).meet(batch("a"))).toBeUndefined();
  const pleased = new Refusals(() => 0.99);
  expect(pleased.meet(batch("a", "b"))).toBeUndefined();
  expect(pleased.report.map(({ matched, struck }) => [matched, struck])).toEqual(Array(4).fill([1, 0]));
});
