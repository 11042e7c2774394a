import { describe as describeError, SenderError, shorten, toSendError } from "../../sender/errors";

describe("SenderError", () => {
  test("can be retried only if that is declared, and has no cause unless one is given", () => {
    const error = new SenderError("NETWORK", "down");
    expect(error).toMatchObject({ name: "SenderError", code: "NETWORK", message: "down", retryable: false });
    expect(error.value).toBeUndefined();
    expect(error).not.toHaveProperty("cause");
  });

  test("keeps the value, the cause and whether to retry", () => {
    const cause = new Error("why");
    const error = new SenderError("BAD_OPTION", "no", { value: 0, cause, retryable: true });
    expect([error.value, error.cause, error.retryable]).toEqual([0, cause, true]);
  });
});

describe("toSendError", () => {
  test("is plain data, without value and cause", () => {
    const error = new SenderError("NETWORK", "down", { retryable: true, value: 1, cause: new Error("why") });
    expect(JSON.parse(JSON.stringify(toSendError(error)))).toEqual({
      code: "NETWORK",
      message: "down",
      retryable: true,
    });
  });

  test("anything else is unexpected", () => {
    expect(toSendError(new RangeError("oops"))).toEqual({
      code: "UNEXPECTED",
      message: "Unexpected: oops",
      retryable: false,
    });
  });
});

describe("describe", () => {
  const throwing = {
    toString() {
      throw new Error("no");
    },
  };
  test.each<[string, unknown, string]>([
    ["an error's message", new Error("words"), "words"],
    ["the name of an error without message", new RangeError(), "RangeError"],
    ["a text", "words", "words"],
    ["nothing", undefined, "undefined"],
    ["one line of many", new Error(" a\n\tb  c "), "a b c"],
    ["the beginning of a long one", "x".repeat(301), `${"x".repeat(299)}…`],
    ["what cannot be described", throwing, "something that cannot be described"],
  ])("is %s", (_, thrown, expected) => expect(describeError(thrown)).toBe(expected));
});

test.each([
  ["", 1, ""],
  ["ab", 2, "ab"],
  ["abc", 2, "a…"],
  ["abcd", 3, "ab…"],
])("%j cut to %i is %j", (text, max, expected) => expect(shorten(text, max)).toBe(expected));
