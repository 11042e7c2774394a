/** Results of `count`, and keys and files of `export`, for the Python package. */
import * as fc from "fast-check";
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Json } from "../../shared/json";
import { type Counted, count } from "../../shared/operations/count/count";
import { ExportKeys } from "../../shared/operations/export/keys";
import type { Page } from "../../shared/operations/operation";
import { deflatePage, grownSum, gzipFile, noText } from "../../shared/results/gzip";
import { anyItem } from "../shared/exports/attributeValues";
import { expectGolden } from "../support/golden";

test("counts", async () => {
  const pages = fc.array(fc.record({ items: fc.array(anyItem, { maxLength: 3 }), left: fc.nat({ max: 2 }) }), {
    minLength: 1,
    maxLength: 4,
  });
  const cases: Json[] = [];
  for (const given of fc.sample(pages, { numRuns: 30, seed: 3 })) {
    let result: Counted | undefined;
    const shown: Json[] = [];
    for (const { items, left } of given) {
      const numbers = { scannedItems: items.length + left, scannedBytes: 8192 };
      result = await count.page({ items, ...numbers } as Partial<Page> as Page, result, undefined as never);
      shown.push({ items: items.map((item) => JSON.parse(dynamoJson(item)) as Json), ...numbers });
    }
    cases.push({ pages: shown, result: { ...result! } });
  }
  expectGolden("counts", cases);
});

test("keys of exported objects", () => {
  const params = [
    {},
    { exportPrefix: "" },
    { exportPrefix: "a" },
    { exportPrefix: "a/b/" },
    { format: "json" as const },
  ];
  const cases = params.map((each, i) => {
    const keys = new ExportKeys(each, "01JOB");
    const [unit, number, piece] = [i * 40_000, i, i * 7];
    return {
      params: each,
      job: "01JOB",
      unit,
      number,
      piece,
      data: keys.data(unit, number),
      pieceKey: keys.piece(unit, number, piece),
    };
  });
  expectGolden("export-keys", cases);
});

/** Texts too short to have anything in common, so their deflated pages are the same on each machine. */
const texts = [[], [""], ["a\n"], ["é\u2028\n", "", "xyz\n"], ["0123456789\n", "🦊\n"]];

test("gzip files", async () => {
  const cases = await Promise.all(
    texts.map(async (all) => {
      const pages = await Promise.all(all.map((text) => deflatePage(Buffer.from(text))));
      const sum = all.reduce((so, text) => grownSum(so, Buffer.from(text)), noText);
      const shown = { texts: all, pages: pages.map((page) => page.toString("hex")), sum: { ...sum } };
      return { ...shown, file: gzipFile(pages, sum).toString("hex") };
    }),
  );
  expectGolden("gzip-files", cases);
});
