import * as fc from "fast-check";
import { type Line, LineSplitter, MOST_LINE_BYTES } from "../../../../shared/aws/objects/lineSplitter";

/** The lines of bytes that come in chunks of these sizes. The last size repeats. */
function split(bytes: Buffer, sizes: readonly number[]): { lines: Line[]; splitter: LineSplitter } {
  const splitter = new LineSplitter();
  const lines: Line[] = [];
  const collect = (next: () => Line | undefined) => {
    for (let line = next(); line !== undefined; line = next()) lines.push(line);
  };
  for (let [at, i] = [0, 0]; at < bytes.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)]!;
    splitter.add(bytes.subarray(at, at + size));
    collect(() => splitter.next());
    at += size;
  }
  const last = splitter.end();
  if (last !== undefined) lines.push(last);
  return { lines, splitter };
}

const text = fc.stringMatching(/^[\nab\r\u2028é𝄞"]{0,60}$/u);
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

test("gives the lines between line feeds, with any chunks", () => {
  fc.assert(
    fc.property(text, sizes, (given, chunks) => {
      const { lines, splitter } = split(Buffer.from(given), chunks);
      expect(lines.map((line) => line.text)).toEqual(given.split("\n").filter((line) => line !== ""));
      expect(splitter.position).toEqual({ line: lines.length, byte: Buffer.byteLength(given) });
    }),
  );
});

test("each line has its true position", () => {
  fc.assert(
    fc.property(text, sizes, (given, chunks) => {
      const bytes = Buffer.from(given);
      const { lines } = split(bytes, chunks);
      for (const [number, line] of lines.entries()) {
        expect(line.position.line).toBe(number);
        const { byte } = line.position;
        expect(
          bytes
            .subarray(byte, byte + line.bytes)
            .toString()
            .replace(/\n$/, ""),
        ).toBe(line.text);
      }
    }),
  );
});

test("keeps only the first bytes of a line that is too long, and goes on behind it", () => {
  const long = Buffer.concat([Buffer.alloc(MOST_LINE_BYTES + 10, "x"), Buffer.from("\nnext\n")]);
  const { lines } = split(long, [1024 * 1024]);
  expect(lines.map(({ cut, text: { length }, bytes }) => ({ cut, length, bytes }))).toEqual([
    { cut: true, length: MOST_LINE_BYTES, bytes: MOST_LINE_BYTES + 11 },
    { cut: false, length: 4, bytes: 5 },
  ]);
});
