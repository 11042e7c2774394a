import fc from "fast-check";
import { packBatches } from "../../sender/batches";

const MIB = 1_048_576;

async function pack(sizes: number[]): Promise<number[][]> {
  const batches: number[][] = [];
  for await (const batch of packBatches(sizes.map((bytes) => ({ bytes })))) batches.push(batch.map((l) => l.bytes));
  return batches;
}

describe("packBatches", () => {
  test.each([
    ["nothing", [], []],
    ["one", [5], [[5]]],
    ["eleven", Array(11).fill(1), [Array(10).fill(1), [1]]],
    ["two that fill a batch exactly", [MIB / 2, MIB / 2, 1], [[MIB / 2, MIB / 2], [1]]],
    ["two that are one byte too many", [MIB / 2, MIB / 2 + 1], [[MIB / 2], [MIB / 2 + 1]]],
    ["one that is too large for any", [MIB + 1, 1], [[MIB + 1], [1]]],
    ["the largest", [1, MIB, 1], [[1], [MIB], [1]]],
  ])("%s", async (_, sizes, batches) => {
    expect(await pack(sizes)).toEqual(batches);
  });

  test("keeps every letter and the order, within 10 entries and 1 MiB, for any sizes", async () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 2, max: 900 }), fc.integer({ min: 2, max: MIB })), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (letters) => {
        const batches = await pack(letters);
        expect(batches.flat()).toEqual(letters);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(batch.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(MIB);
        }
      }),
    );
  });

  test("draws no more letters than the next batch takes", async () => {
    let drawn = 0;
    function* endless() {
      for (;;) {
        drawn++;
        yield { bytes: 1 };
      }
    }
    const batches = packBatches(endless());
    await batches.next();
    expect(drawn).toBe(11);
    await batches.return();
  });
});
