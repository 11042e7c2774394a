import fc from "fast-check";
import { inspectBody, wireBytes } from "../../sender/bodyRules";

describe("inspectBody", () => {
  test.each([
    ["ASCII", "abc", 3, undefined],
    ["nothing", "", 0, undefined],
    ["tab, line feed, carriage return", "\t\n\r", 3, undefined],
    ["two, three and four bytes", "é€😀", 9, undefined],
    ["the last character before the surrogates", "\uD7FF", 3, undefined],
    ["the first and the last after them", "\uE000\uFFFD", 6, undefined],
    ["the first and the last pair", "\u{10000}\u{10FFFF}", 8, undefined],
    ["the blank, the first character that is always allowed", "\x20", 1, undefined],
    ["the last before it", "\x1f", 1, 0],
    ["the last character of one byte, and the first of two", "\x7f\x80", 3, undefined],
    ["the last character of two bytes, and the first of three", "\u07FF\u0800", 5, undefined],
    ["U+FFFF before another character", "\uFFFFa", 4, 0],
    ["NUL", "a\0", 2, 1],
    ["escape", "\x1b", 1, 0],
    ["U+FFFE", "ab\uFFFE", 5, 2],
    ["U+FFFF", "\uFFFF", 3, 0],
    ["a lone surrogate", "x\uD83Dy", 5, 1],
    ["only the first of two", "\0\x01", 2, 0],
    ["a character after a pair", "😀\0", 5, 2],
  ])("measures and judges %s", (_, text, bytes, invalidAt) => {
    expect(inspectBody(text)).toEqual(invalidAt === undefined ? { bytes } : { bytes, invalidAt });
  });

  test("a text without a fault has no position of a fault", () => {
    expect(inspectBody("abc")).not.toHaveProperty("invalidAt");
  });

  test("the length is that of the UTF-8 encoding, for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(inspectBody(text).bytes).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});

test("on the wire a text is as long as JSON writes it, for any text", () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom("\n", "\b", "\x7f", '"', "\\"),
          fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
        ),
      }),
      (text) => {
        expect(wireBytes(text)).toBe(Buffer.byteLength(JSON.stringify(text)) - 2);
      },
    ),
  );
});
