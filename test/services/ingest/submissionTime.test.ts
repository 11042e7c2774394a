import fc from "fast-check";
import { submissionTime } from "../../../services/ingest/submissionTime";

const moment = (text: string) => expect(submissionTime(text));

describe("the phone's form, MMDDYYHHMMSS", () => {
  test.each([
    ["092821120000", "2021-09-28T12:00:00.000000000Z"],
    ["010100000000", "2000-01-01T00:00:00.000000000Z"],
    ["123199235959", "2099-12-31T23:59:59.000000000Z"],
    ["022924120000", "2024-02-29T12:00:00.000000000Z"],
    ["123116235960", "2016-12-31T23:59:60.000000000Z"],
  ])("%s is %s", (text, expected) => moment(text).toBe(expected));

  test.each([
    ["month 13", "130121120000"],
    ["month 0", "000121120000"],
    ["day 0", "010021120000"],
    ["31 April", "043121120000"],
    ["29 February of a year without one", "022921120000"],
    ["hour 24", "092821240000"],
    ["minute 60", "092821126000"],
    ["second 61", "092821120061"],
    ["a leap second at noon", "092821120060"],
    ["11 digits", "09282112000"],
    ["13 digits", "0928211200000"],
    ["a sign", "+92821120000"],
    ["spaces around it", " 092821120000 "],
    ["a line break behind it", "092821120000\n"],
    ["digits of another script", "٠٩٢٨٢١١٢٠٠٠٠"],
    ["nothing", ""],
  ])("%s is no moment", (_, text) => moment(text).toBeUndefined());
});

describe("RFC 3339", () => {
  test.each([
    ["2021-09-28T12:00:00Z", "2021-09-28T12:00:00.000000000Z"],
    ["2021-09-28t12:00:00z", "2021-09-28T12:00:00.000000000Z"],
    ["2021-09-28T12:00:00.5+02:00", "2021-09-28T10:00:00.500000000Z"],
    ["2021-12-31T23:30:00-01:00", "2022-01-01T00:30:00.000000000Z"],
    ["2021-01-01T00:30:00+01:00", "2020-12-31T23:30:00.000000000Z"],
    ["2021-09-28T12:00:00.1234567891Z", "2021-09-28T12:00:00.123456789Z"],
    ["2021-09-28T12:00:00.12345678901234567890Z", "2021-09-28T12:00:00.123456789Z"],
    ["2017-01-01T00:59:60+01:00", "2016-12-31T23:59:60.000000000Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000000Z"],
    ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000000Z"],
  ])("%s is %s", (text, expected) => moment(text).toBe(expected));

  test.each([
    ["no zone", "2021-09-28T12:00:00"],
    ["a space for the T", "2021-09-28 12:00:00Z"],
    ["an offset of 24 hours", "2021-09-28T12:00:00+24:00"],
    ["an offset of 60 minutes", "2021-09-28T12:00:00+00:60"],
    ["30 February", "2021-02-30T12:00:00Z"],
    ["a point without digits", "2021-09-28T12:00:00.Z"],
    ["a fraction that would burst a key", `2021-09-28T12:00:00.${"1".repeat(3_000)}Z`],
    ["year 10,000 in UTC, which would sort before all others", "9999-12-31T23:59:59-23:59"],
    ["the year before 0 in UTC", "0000-01-01T00:00:00+00:01"],
    ["a path", "2021-09-28T12:00:00Z/../x"],
  ])("%s is no moment", (_, text) => moment(text).toBeUndefined());
});

test("two moments sort as their texts do, whatever form and zone they came in", () => {
  const millisecond = fc.integer({ min: Date.UTC(2000, 0, 2), max: Date.UTC(2099, 11, 30) });
  const written = fc.tuple(millisecond, fc.integer({ min: -23 * 60, max: 23 * 60 }), fc.boolean());
  fc.assert(
    fc.property(written, written, (a, b) => {
      const [[first, firstMs], [second, secondMs]] = [a, b].map(write) as [[string, number], [string, number]];
      const order = Math.sign(firstMs - secondMs);
      const [x, y] = [submissionTime(first)!, submissionTime(second)!];
      expect(x < y ? -1 : Number(x > y)).toBe(order);
    }),
  );

  /** A moment as text, and the milliseconds it stands for: the phone's form has whole seconds only. */
  function write([ms, offsetMinutes, phone]: [number, number, boolean]): [string, number] {
    const text = new Date(phone ? ms : ms + offsetMinutes * 60_000).toISOString();
    const [year, month, day] = [text.slice(2, 4), text.slice(5, 7), text.slice(8, 10)];
    if (phone) return [month + day + year + text.slice(11, 19).replaceAll(":", ""), Math.floor(ms / 1000) * 1000];
    const minutes = Math.abs(offsetMinutes);
    const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
    const zone = `${offsetMinutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
    return [text.slice(0, 23) + zone, ms];
  }
});

test("it never throws and gives nothing but text that sorts", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789-T:.Z+") }), (text) => {
      const result = submissionTime(text);
      if (result !== undefined) expect(result).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    }),
  );
});
