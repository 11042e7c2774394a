import fc from "fast-check";
import { isImplausible, submissionTime } from "../../../services/ingest/submissionTime";
import { SENT_AT } from "./submissions";

const moment = (text: string, sentAt = SENT_AT) => expect(submissionTime(text, sentAt));

describe("the phone's form, MMDDYYHHMMSS", () => {
  test.each([
    ["092821120000", "2021-09-28T12:00:00.000000000Z"],
    ["010100000000", "2000-01-01T00:00:00.000000000Z"],
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

describe("a year of two digits belongs to the century that puts it nearest to the send time", () => {
  test.each([
    ["an ordinary day", "092821120000", "2021-09-28T12:00:00Z", "2021-09-28"],
    ["49 years back", "092872120000", "2021-09-28T12:00:00Z", "1972-09-28"],
    ["49 years ahead", "092870120000", "2021-09-28T12:00:00Z", "2070-09-28"],
    ["the epoch, if it is nearer than 2070", "010170000000", "2019-12-31T00:00:00Z", "1970-01-01"],
    ["as far back as ahead, which counts as the past", "092871120000", "2021-09-28T00:00:00Z", "1971-09-28"],
    ["a millisecond less ahead than back", "092871120000", "2021-09-28T00:00:00.001Z", "2071-09-28"],
    ["the last second of a century, sent in the next one", "123199235959", "2100-01-01T00:00:30Z", "2099-12-31"],
    ["the first second of a century", "010100000000", "2100-01-01T00:00:30Z", "2100-01-01"],
    ["the first second of a century in a zone that is ahead", "010100000000", "2099-12-31T14:00:00Z", "2100-01-01"],
    ["the year before last, sent early in a century", "060198120000", "2100-03-01T00:00:00Z", "2098-06-01"],
    ["next year, sent late in a century", "060100120000", "2099-12-31T23:59:59Z", "2100-06-01"],
    ["a leap day that only one of the centuries has", "022900120000", "2099-12-31T00:00:00Z", "2000-02-29"],
  ])("%s: %s sent at %s belongs to %s", (_, text, sentAt, day) => {
    expect(submissionTime(text, Date.parse(sentAt))?.slice(0, 10)).toBe(day);
  });

  test("a leap day that none of three centuries has is invalid", () => {
    moment("022900120000", Date.UTC(2200, 1, 28)).toBeUndefined();
  });

  test("no other century is nearer", () => {
    const any = fc.integer({ min: Date.UTC(1980, 0, 1), max: Date.UTC(2180, 0, 1) });
    fc.assert(
      fc.property(any, any, (named, sentAt) => {
        const iso = new Date(named).toISOString();
        fc.pre(!iso.includes("-02-29"));
        const text = iso.replace(/^..(..)-(..)-(..)T(..):(..):(..).*$/, "$2$3$1$4$5$6");
        const read = Date.parse(submissionTime(text, sentAt)!.replace("000000Z", "Z"));
        const distance = (years: number) => {
          const other = new Date(read);
          return Math.abs(other.setUTCFullYear(other.getUTCFullYear() + years) - sentAt);
        };
        for (const years of [-200, -100, 100, 200]) expect(distance(years)).toBeGreaterThanOrEqual(distance(0));
      }),
    );
  });
});

describe("RFC 3339", () => {
  test.each([
    ["2021-09-28T12:00:00Z", "2021-09-28T12:00:00.000000000Z"],
    ["2021-09-28t12:00:00z", "2021-09-28T12:00:00.000000000Z"],
    ["2021-09-28T12:00:00.5+02:00", "2021-09-28T10:00:00.500000000Z"],
    ["2021-09-28T12:00:00.500+02", "2021-09-28T10:00:00.500000000Z"],
    ["2021-09-28T12:00:00+0545", "2021-09-28T06:15:00.000000000Z"],
    ["2021-09-28T12:00:00.000-0330", "2021-09-28T15:30:00.000000000Z"],
    ["2021-09-28T12:00:00-00", "2021-09-28T12:00:00.000000000Z"],
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
    ["an offset of 24 hours without minutes", "2021-09-28T12:00:00+24"],
    ["an offset of 60 minutes", "2021-09-28T12:00:00+00:60"],
    ["an offset of 60 minutes without a colon", "2021-09-28T12:00:00+0060"],
    ["an offset of one digit", "2021-09-28T12:00:00+3"],
    ["an offset of three digits", "2021-09-28T12:00:00+030"],
    ["an offset with a colon and nothing behind it", "2021-09-28T12:00:00+03:"],
    ["an offset with seconds", "2021-09-28T12:00:00+03:00:00"],
    ["an offset behind Z", "2021-09-28T12:00:00Z+03"],
    ["30 February", "2021-02-30T12:00:00Z"],
    ["a point without digits", "2021-09-28T12:00:00.Z"],
    ["a fraction that would burst a key", `2021-09-28T12:00:00.${"1".repeat(3_000)}Z`],
    ["year 10,000 in UTC, which would sort before all others", "9999-12-31T23:59:59-23:59"],
    ["the year before 0 in UTC", "0000-01-01T00:00:00+00:01"],
    ["a path", "2021-09-28T12:00:00Z/../x"],
  ])("%s is no moment", (_, text) => moment(text).toBeUndefined());
});

test("moments sort like their texts, in any form and zone", () => {
  const millisecond = fc.integer({ min: Date.UTC(1972, 0, 1), max: Date.UTC(2071, 0, 1) });
  const written = fc.tuple(millisecond, fc.integer({ min: -23 * 60, max: 23 * 60 }), fc.boolean());
  fc.assert(
    fc.property(written, written, (a, b) => {
      const [[first, firstMs], [second, secondMs]] = [a, b].map(write) as [[string, number], [string, number]];
      const order = Math.sign(firstMs - secondMs);
      const [x, y] = [submissionTime(first, SENT_AT)!, submissionTime(second, SENT_AT)!];
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
    const colon = minutes % 2 === 0 ? ":" : "";
    const zone = `${offsetMinutes < 0 ? "-" : "+"}${two(minutes / 60)}${colon}${two(minutes % 60)}`;
    return [text.slice(0, 23) + zone, ms];
  }
});

test("it never throws, and returns only texts that sort", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."0123456789-T:.Z+") }), (text) => {
      const result = submissionTime(text, SENT_AT);
      if (result !== undefined) expect(result).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    }),
  );
});

describe("an implausible time", () => {
  const border = "2021-09-29T14:00:00";

  test.each([
    ["26 hours behind the send time", `${border}Z`, false],
    ["26 hours in another zone", "2021-09-30T00:00:00+10", false],
    ["a nanosecond more than 26 hours", `${border}.000000001Z`, true],
    ["less than a nanosecond more, which is cut off", `${border}.0000000009Z`, false],
    ["a nanosecond less", "2021-09-29T13:59:59.999999999Z", false],
    ["26 hours on the phone", "092921140000", false],
    ["a second more than 26 hours on the phone", "092921140001", true],
    ["the time of sending", "2021-09-28T12:00:00Z", false],
    ["local time at UTC+14", "092921020000", false],
    ["a year ahead", "2022-09-28T12:00:00Z", true],
    ["a year ahead on the phone", "092822120000", true],
    ["the Thai calendar", "2564-09-28T12:00:00Z", true],
    ["the Thai calendar in two digits", "092864120000", true],
    ["the epoch in two digits, to which the future is nearer", "010170000000", true],
    ["the epoch, which is only long ago", "1970-01-01T00:00:00Z", false],
    ["the Islamic calendar, which is only long ago", "1443-02-21T12:00:00Z", false],
    ["the last year there is", "9999-12-31T23:59:59Z", true],
  ])("%s: %s is %s", (_, text, expected) => {
    expect(isImplausible(submissionTime(text, SENT_AT)!, SENT_AT)).toBe(expected);
  });

  test("milliseconds of the send time count", () => {
    const time = submissionTime(`${border}.122000001Z`, SENT_AT)!;
    expect([121, 122, 123].map((ms) => isImplausible(time, SENT_AT + ms))).toEqual([true, true, false]);
  });

  test("the last seconds of a century are in order with the first of the next", () => {
    const sentAt = Date.parse("2099-12-31T23:59:59Z");
    expect(isImplausible(submissionTime("010200015959", sentAt)!, sentAt)).toBe(false);
    expect(isImplausible(submissionTime("010200020000", sentAt)!, sentAt)).toBe(true);
  });
});
