import { itemBytes } from "../../../shared/aws/itemSize";
import { updateProblems } from "../../../shared/writing/update/problems";
import { flawOf, itemOf, MOST_ITEM_BYTES } from "../../../soak/backfill/items";
import { copyRule, mustFail, requestsOf, rulesFor } from "../../../soak/backfill/jobs";

const [rekey, label, expire] = rulesFor(true);
const numbers = Array.from({ length: 1_000 }, (_, n) => n);

test("the model expects no change of flawed items, because they are on the failure lists", () => {
  for (const n of numbers.filter((n) => flawOf(n) !== undefined)) {
    const item = itemOf(n, 1);
    const flaw = flawOf(n)!;
    expect([n, rekey!.makes(item).length === 0]).toEqual([n, mustFail.rekey[flaw] !== undefined]);
    expect([n, label!.makes(item).length === 0]).toEqual([n, mustFail.label[flaw] !== undefined]);
    expect([n, copyRule([item]).makes(undefined).length === 0]).toEqual([n, mustFail.copy[flaw] !== undefined]);
    expect(expire!.makes(item)).toEqual([]);
    expect(itemBytes(item)).toBeLessThanOrEqual(MOST_ITEM_BYTES);
  }
});

test("the items give every job something to change and something to leave", () => {
  const items = numbers.filter((n) => flawOf(n) === undefined).map((n) => itemOf(n, 1));
  for (const rule of [rekey!, expire!]) {
    const changed = items.filter((item) => rule.makes(item).length > 0).length;
    expect([changed > 50, changed < items.length - 50]).toEqual([true, true]);
  }
});

test("a job doesn't change its own results", () => {
  for (const n of numbers.slice(0, 100)) {
    for (const rule of [rekey!, label!]) {
      const [made] = rule.makes(itemOf(n, 1));
      if (made !== undefined) expect(rule.makes(made)).toEqual([]);
    }
  }
});

test("a copy is one of the states that the item had; there is no copy if the other table has the item", () => {
  const [one, other] = [itemOf(1, 1), itemOf(1, 2)];
  const rule = copyRule([one, undefined, other]);
  const Origin = { S: "main" };
  expect(rule.makes(undefined)).toEqual([
    { ...one, Origin },
    { ...other, Origin },
  ]);
  expect(rule.makes(one)).toEqual([]);
});

test("the updates are valid", () => {
  const { rekey, label } = requestsOf({
    driver: "queue",
    segments: 1,
    rate: 1,
    exportedTo: "s3://b/AWSDynamoDB/1",
    maxFailures: 1,
  });
  expect([updateProblems(rekey.update, undefined), updateProblems(label.update, undefined)]).toEqual([[], []]);
});
