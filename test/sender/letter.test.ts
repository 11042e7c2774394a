import type { SenderError } from "../../sender/index";
import { type Letter, label, letterOf, submissionIdOf, tooLarge, type Unsendable } from "../../sender/letter";

const MIB = 1_048_576;
const errorOf = (letter: Letter | Unsendable): SenderError => {
  if ("error" in letter) return letter.error;
  throw new Error("a letter");
};

test("a letter has its text and its id", () => {
  const text = '{"user_id":"1","timestamp":"2","freetext":"é"}';
  expect(letterOf(text, "file.json")).toEqual({ text, submissionId: "12" });
});

test.each<[object, string | undefined]>([
  [{ user_id: "1", timestamp: "2" }, "12"],
  [{ user_id: "", timestamp: "" }, ""],
  [{ user_id: 1, timestamp: "2" }, undefined],
  [{ user_id: "1", timestamp: 2 }, undefined],
  [{ user_id: "1" }, undefined],
  [{}, undefined],
])("the id of %j is %p", (survey, id) => expect(submissionIdOf(survey)).toBe(id));

describe("a refusal has its reason", () => {
  test.each<[string, string, string]>([
    ["", "NOT_JSON", "f.json is not JSON (it is empty)."],
    ["\uFEFF{}", "NOT_JSON", "f.json is not JSON (it begins with a byte order mark)."],
    ['{"a":1 oops', "NOT_JSON", "f.json is not JSON (position 7)."],
    ['{"freetext":"x" oops', "NOT_JSON", "f.json is not JSON (position 16)."],
    ["null", "NOT_AN_OBJECT", "f.json: a survey is a JSON object, this is null."],
    ["[1]", "NOT_AN_OBJECT", "f.json: a survey is a JSON object, this is an array."],
    ["5", "NOT_AN_OBJECT", "f.json: a survey is a JSON object, this is a number."],
    ['"x"', "NOT_AN_OBJECT", "f.json: a survey is a JSON object, this is a string."],
  ])("%j", (text, code, message) => {
    const letter = letterOf(text, "f.json");
    expect(letter.submissionId).toBe("f.json");
    expect(errorOf(letter)).toMatchObject({ code, message, retryable: false });
  });

  test("malformed JSON has the engine's error as its cause", () => {
    expect(errorOf(letterOf("oops", "f.json")).cause).toBeInstanceOf(Error);
  });

  test("a character that SQS does not carry, with its place and the survey's own id", () => {
    const text = '{"user_id":"1","timestamp":"2","a":"\uFFFE\uFFFF"}';
    const letter = letterOf(text, "f.json");
    expect(letter.submissionId).toBe("12");
    expect(errorOf(letter)).toMatchObject({
      code: "INVALID_CHARACTERS",
      value: 36,
      message: "12 holds the character U+FFFE at position 36, which SQS does not carry.",
    });
  });

  test.each([
    [MIB + 1, `f: a body may be at most ${MIB} bytes (1 MiB) as UTF-8, this one is ${MIB + 1} bytes.`],
    [undefined, `f: a body may be at most ${MIB} bytes (1 MiB) as UTF-8, this one is more.`],
  ])("a size of %p", (bytes, message) => {
    expect(tooLarge("f", bytes)).toMatchObject({ code: "TOO_LARGE", message, value: bytes });
  });

  test("1 MiB is a letter, and a byte more is refused", () => {
    const padded = (bytes: number) => `{"a":"${"x".repeat(bytes - 8)}"}`;
    expect(letterOf(padded(MIB), "f")).toEqual({ text: padded(MIB), submissionId: "f" });
    expect(errorOf(letterOf(padded(MIB + 1), "f"))).toMatchObject({ code: "TOO_LARGE", value: MIB + 1 });
  });
});

test("a survey is called by one short line", () => {
  expect(label("a\n \tb")).toBe("a b");
  expect(label("x".repeat(120))).toBe("x".repeat(120));
  expect(label("x".repeat(121))).toBe(`${"x".repeat(119)}…`);
});
