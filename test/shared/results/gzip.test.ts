import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import { deflatePage, grownSum, gzipFile, noText } from "../../../shared/results/gzip";

async function deflated(texts: readonly Buffer[]) {
  const pages = await Promise.all(texts.map(deflatePage));
  return { pages, sum: texts.reduce(grownSum, noText) };
}

const texts = fc.array(
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 6 },
);

test("a file with any pages unzips to their texts, one behind the other", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (given) => {
      const { pages, sum } = await deflated(given);
      expect(gunzipSync(gzipFile(pages, sum)).equals(Buffer.concat(given))).toBe(true);
    }),
  );
});

test("the file is one gzip member, for readers that accept only one", async () => {
  const given = ["first page\n", "second page\n"].map((text) => Buffer.from(text));
  const { pages, sum } = await deflated(given);
  // DecompressionStream refuses whatever follows the first member.
  const stream = new Blob([gzipFile(pages, sum)]).stream().pipeThrough(new DecompressionStream("gzip"));
  expect(await new Response(stream).text()).toBe("first page\nsecond page\n");
});

test("the same pages give the same bytes", async () => {
  const given = [Buffer.from("a page\n".repeat(1_000))];
  const files = await Promise.all(
    [1, 2].map(async () => deflated(given).then(({ pages, sum }) => gzipFile(pages, sum))),
  );
  expect(files[0]!.equals(files[1]!)).toBe(true);
});
