import { unitOf } from "../../../shared/jobs/storage/reading";
import type { UnitResult } from "../../../shared/operations/operation";
import { unitResults } from "../../../shared/worker/unitResults";

async function* units(...numbers: number[]) {
  for (const number of numbers) yield { ...unitOf(undefined), number, result: `of ${number}`, updatedAt: 100 + number };
}

test("gives number, result and end of each unit", async () => {
  const all: UnitResult[] = [];
  for await (const each of unitResults(units(0, 1), 2)) all.push(each);
  expect(all).toEqual([
    { unit: 0, result: "of 0", endedAt: 100 },
    { unit: 1, result: "of 1", endedAt: 101 },
  ]);
});

test.each([[[0, 2]], [[]]])("only %j of three units: a lasting error", async (numbers) => {
  const read = async () => {
    for await (const _ of unitResults(units(...numbers), 3));
  };
  await expect(read()).rejects.toMatchObject({ code: "RECORDS_MISSING", value: numbers.length, retryable: false });
});
