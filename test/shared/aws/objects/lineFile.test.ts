import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { LineFile } from "../../../../shared/aws/objects/lineFile";
import type { LinePosition } from "../../../../shared/aws/objects/lineSplitter";
import { isTransient } from "../../../../shared/aws/transient";
import { type Break, MemoryS3 } from "../../../support/memoryS3";
import { code, noise } from "../../operations/export/exportGround";

let s3: MemoryS3;
beforeEach(() => {
  s3 = new MemoryS3();
});

/** Repeats at once what fails for a passing reason. */
async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
}

const open = (gzip: boolean, from?: LinePosition, etag?: string) =>
  new LineFile({ bucket: "b", key: "k", gzip, etag }, { s3: s3.client, retry }, from);

async function linesOf(file: LineFile): Promise<string[]> {
  const lines: string[] = [];
  for (let line = await file.next(); line !== undefined; line = await file.next()) lines.push(line.text);
  return lines;
}

/** Lines that hardly deflate. */
function someLines(count: number, bytes = 100): string[] {
  const text = noise(count * bytes, 1);
  return Array.from({ length: count }, (_, i) => `${i} ${text.slice(i * bytes, (i + 1) * bytes)}`);
}

describe.each([
  ["plain", false],
  ["gzip", true],
])("%s", (_, gzip) => {
  const put = (text: string) => s3.put("k", gzip ? gzipSync(text) : text);

  test.each([[""], ["a"], ["a\n"], ["a\nb"], ["\n\na\n\n"]])("%j gives its lines", async (text) => {
    put(text);
    expect(await linesOf(open(gzip))).toEqual(text.split("\n").filter((line) => line !== ""));
  });

  test("goes on at any line", async () => {
    const text = someLines(50, 10).join("\n");
    put(text);
    const file = open(gzip);
    for (let line = await file.next(); line !== undefined; line = await file.next()) {
      const rest = await linesOf(open(gzip, line.position));
      expect(rest).toEqual(text.split("\n").slice(line.position.line));
    }
  });

  test("after a connection breaks, ends early or stalls, reading continues at the same byte", async () => {
    const lines = someLines(2_000);
    put(lines.join("\n"));
    const breaks = fc.array(
      fc.record<Break>({ after: fc.integer({ min: 0, max: 60_000 }), how: fc.constantFrom("error", "end") }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(breaks, async (broken) => {
        s3.breaks.splice(0, s3.breaks.length, ...broken);
        expect(await linesOf(open(gzip))).toEqual(lines);
      }),
      { numRuns: 30 },
    );
  });

  test("reads no more of the object than the requested lines need", async () => {
    put(someLines(40_000).join("\n"));
    const file = open(gzip);
    for (let n = 0; n < 100; n++) await file.next();
    // No line is requested, so reads under way may finish.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(s3.taken).toBeLessThan(400_000);
    file.close();
  });

  test("close ends the connection, and a read that is under way", async () => {
    put(someLines(40_000).join("\n"));
    s3.breaks.push({ after: 100, how: "stall" });
    const file = open(gzip);
    const read = linesOf(file);
    await new Promise((resolve) => setImmediate(resolve));
    file.close();
    expect(await code(read)).toBe("OBJECT_CLOSED");
    expect(s3.bodies.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  test("an object with another ETag counts as replaced, before the first byte and in the middle", async () => {
    put(someLines(4_000).join("\n"));
    expect(await code(linesOf(open(gzip, undefined, "other")))).toBe("OBJECT_REPLACED");
    s3.breaks.push({ after: 100_000, how: "error" });
    const file = open(gzip);
    await file.next();
    put("x");
    expect(await code(linesOf(file))).toBe("OBJECT_REPLACED");
  });

  test("a missing object fails with S3's error", async () => {
    await expect(linesOf(open(gzip))).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

test("it has the MD5 of a gzip object at the end", async () => {
  s3.put("k", gzipSync(someLines(5_000).join("\n")));
  const file = open(true);
  await linesOf(file);
  expect(Buffer.from(file.md5!, "base64").toString("hex")).toBe(s3.etag("k"));
});

test("several members of a gzip object are one text; zeros behind the last member are padding, and only the MD5 includes them", async () => {
  const big = someLines(5_000).join("\n");
  s3.put("k", Buffer.concat([gzipSync("a\nb"), gzipSync(`c\n${big}`), Buffer.alloc(300_000)]));
  const file = open(true);
  expect(await linesOf(file)).toEqual(["a", "bc", ...big.split("\n")]);
  expect(Buffer.from(file.md5!, "base64").toString("hex")).toBe(s3.etag("k"));
});

test("an empty object is an empty file", async () => {
  s3.put("k", "");
  expect(await linesOf(open(true))).toEqual([]);
});

test.each<[string, (file: Buffer) => Buffer]>([
  ["cut short", (file) => file.subarray(0, -3)],
  ["cut in the middle", (file) => file.subarray(0, file.length / 2)],
  ["with a flipped bit", (file) => Buffer.from(file.map((byte, i) => (i === 70_000 ? byte ^ 1 : byte)))],
  ["with something behind it", (file) => Buffer.concat([file, Buffer.from("x")])],
  ["not gzip at all", () => Buffer.from("{}")],
])("a gzip object %s is damaged", async (_, change) => {
  s3.put("k", change(gzipSync(someLines(5_000).join("\n"))));
  expect(await code(linesOf(open(true)))).toBe("OBJECT_DAMAGED");
});
