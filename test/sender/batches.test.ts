import fc from "fast-check";
import { packBatches } from "../../sender/batches";
import { wireBytes } from "../../sender/bodyRules";

const MIB = 1_048_576;
/** Most bytes for the queue's URL and for everything around the entries. */
const ENVELOPE = 2_048;
/** The text around a body. */
const ENTRY = 28;
/** The most that two bodies may have together. */
const ROOM = MIB - ENVELOPE - 2 * ENTRY;

async function pack(texts: string[]): Promise<string[][]> {
  const batches: string[][] = [];
  for await (const batch of packBatches(texts.map((text) => ({ text })))) batches.push(batch.map(({ text }) => text));
  return batches;
}

const packSizes = async (sizes: number[]) =>
  (await pack(sizes.map((size) => "x".repeat(size)))).map((batch) => batch.map(({ length }) => length));

describe("packBatches", () => {
  test.each([
    ["nothing", [], []],
    ["one", [5], [[5]]],
    ["eleven", Array(11).fill(1), [Array(10).fill(1), [1]]],
    ["two that fill a request exactly", [ROOM / 2, ROOM / 2, 1], [[ROOM / 2, ROOM / 2], [1]]],
    ["two that are one byte too many", [ROOM / 2, ROOM / 2 + 1], [[ROOM / 2], [ROOM / 2 + 1]]],
    ["one that is too large for any", [MIB + 1, 1], [[MIB + 1], [1]]],
    ["the largest", [1, MIB, 1], [[1], [MIB], [1]]],
  ])("%s", async (_, sizes, batches) => {
    expect(await packSizes(sizes)).toEqual(batches);
  });

  test("bodies that double in size as JSON are measured in that form", async () => {
    const quotes = '"'.repeat(MIB / 8);
    expect((await pack(Array(6).fill(quotes))).map(({ length }) => length)).toEqual([3, 3]);
  });

  test("keeps every letter and the order; no request is over 1 MiB on the wire unless one letter is, for any bodies", async () => {
    const body = fc
      .tuple(fc.constantFrom("x", "é", '"', "\\", "\n", "\u0001", "😀", "\ud83d"), fc.integer({ min: 1, max: 90_000 }))
      .map(([character, count]) => character.repeat(count));
    const QueueUrl = `https://${"q".repeat(1_900)}`;
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 30 }), async (bodies) => {
        const batches = await pack(bodies);
        expect(batches.flat().every((text, index) => text === bodies[index])).toBe(true);
        expect(batches.flat()).toHaveLength(bodies.length);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(10);
          const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
          const onTheWire = Buffer.byteLength(JSON.stringify({ QueueUrl, Entries }));
          if (batch.length > 1) expect(onTheWire).toBeLessThanOrEqual(MIB);
          expect(onTheWire).toBeGreaterThan(batch.reduce((sum, text) => sum + wireBytes(text), 0));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("reads no more letters than the next batch takes", async () => {
    let drawn = 0;
    function* endless() {
      for (;;) {
        drawn++;
        yield { text: "x" };
      }
    }
    const batches = packBatches(endless());
    await batches.next();
    expect(drawn).toBe(11);
    await batches.return();
  });
});
