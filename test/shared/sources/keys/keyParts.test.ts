import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { automaticUnits, folderParts, objectParts } from "../../../../shared/sources/keys/keyParts";
import type { LineList } from "../../../../shared/sources/keys/spec";
import { type LineCursor, LinePages, type LinePart } from "../../../../shared/sources/linePages";
import { MemoryS3 } from "../../../support/memoryS3";

const { signal } = new AbortController();

/** The lines of a unit, in pages of so many. A new worker reads each page, or one worker reads all. */
async function linesOf(s3: MemoryS3, parts: readonly LinePart[], page: number, fresh: boolean): Promise<string[]> {
  const tools = { s3: s3.client, retry: <T>(call: () => Promise<T>) => call() };
  const begin = () => new LinePages({ unit: 0, parts, tools });
  let worker = begin();
  const lines: string[] = [];
  let cursor: LineCursor | undefined;
  do {
    const read = await worker.page(cursor, { lines: page }, signal);
    lines.push(...read.lines.map(({ text }) => text));
    ({ cursor } = read);
    if (fresh) worker = begin();
  } while (cursor !== undefined);
  return lines;
}

const listOf = (bytes: number, from = 0, gzip = false): LineList => ({
  ...{ form: "object", key: "k", etag: "", bytes, gzip, from: { line: from === 0 ? 0 : 1, byte: from } },
});
const text = fc.oneof(
  fc.stringMatching(/^[\nab\r\u2028é𝄞"]{0,40}$/u),
  fc.array(fc.constantFrom('{"id":"é"}\r\n', '{"id":"\u2028𝄞"}\n', "\n", "\r\n", "a\n")).map((parts) => parts.join("")),
);

test("every line is in exactly one range, with any ranges and pages", async () => {
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.boolean(),
      async (given, units, page, fresh) => {
        const s3 = new MemoryS3();
        s3.put("k", given);
        const list = { ...listOf(Buffer.byteLength(given)), etag: s3.etag("k") };
        const lines: string[] = [];
        for (let unit = 0; unit < units; unit++) {
          lines.push(...(await linesOf(s3, objectParts("b", list, unit, units), page, fresh)));
        }
        expect(lines).toEqual(given.split("\n").filter((line) => line !== ""));
      },
    ),
    { numRuns: 300 },
  );
});

test("every line behind a header is in exactly one range", async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 30 }), async (given, units) => {
      const s3 = new MemoryS3();
      s3.put("k", `header\n${given}`);
      const list = { ...listOf(7 + Buffer.byteLength(given), 7), etag: s3.etag("k") };
      const lines: string[] = [];
      for (let unit = 0; unit < units; unit++) {
        lines.push(...(await linesOf(s3, objectParts("b", list, unit, units), 3, true)));
      }
      expect(lines).toEqual(given.split("\n").filter((line) => line !== ""));
    }),
  );
});

test("every object of a folder is in exactly one unit, in order, and a unit is read from object to object", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.constantFrom("a", "b", "cc"), { maxLength: 3 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      async (files, units, page, fresh) => {
        const s3 = new MemoryS3();
        const objects = files.map((lines, number) => {
          const key = `f/${number}.jsonl${number % 2 === 0 ? ".gz" : ""}`;
          s3.put(key, number % 2 === 0 ? gzipSync(lines.join("\n")) : lines.join("\n"));
          return { key, etag: s3.etag(key), bytes: 0 };
        });
        const lines: string[] = [];
        for (let unit = 0; unit < units; unit++) {
          lines.push(...(await linesOf(s3, folderParts("b", objects, unit, units), page, fresh)));
        }
        expect(lines).toEqual(files.flat());
      },
    ),
  );
});

test("a gzip object is one unit", async () => {
  expect(objectParts("b", listOf(100, 0, true), 0, 1)).toHaveLength(1);
  expect(automaticUnits(listOf(10 ** 9, 0, true), 10 ** 9)).toBe(1);
});

const MIB = 1024 * 1024;
test.each<[string, Parameters<typeof automaticUnits>, number]>([
  ["a small list", [listOf(100), 100], 1],
  ["an empty list", [listOf(0), 0], 1],
  ["9 MiB", [listOf(9 * MIB), 9 * MIB], 3],
  ["more than there may be units", [listOf(2 ** 50), 2 ** 50], 100_000],
  ["few objects", [{ form: "folder", prefix: "f/", objects: 3, digest: "" }, 10 * MIB], 3],
  ["many small objects", [{ form: "folder", prefix: "f/", objects: 900, digest: "" }, MIB], 2],
])("units of %s", (_, given, units) => {
  expect(automaticUnits(...given)).toBe(units);
});
