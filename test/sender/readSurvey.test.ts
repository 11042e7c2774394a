import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileId, letterOfBytes, readSurvey, serialise } from "../../sender/readSurvey";
import { FIXTURES, readFixture, scratchFolder, survey } from "./helpers";

const MIB = 1_048_576;
const cyclic: Record<string, unknown> = survey();
cyclic.self = cyclic;

const HASHES: [object, string][] = [
  [{}, "1bc27f5a56d1e7"],
  [{ a: 1 }, "1034b77cc1d846"],
  [{ freetext: "grüße 😀" }, "122b4f8eeb6c2f"],
  [{ user_id: 1, timestamp: "2" }, "0bf11b9a76447b"],
  [{ n: 23 }, "00489ed1e5ab38"],
];

/** A survey's JSON padded to exactly `bytes`. */
function padded(bytes: number): string {
  const text = JSON.stringify(survey({ pad: "" }));
  return text.replace('"pad":""', `"pad":"${"x".repeat(bytes - text.length)}"`);
}

describe("readSurvey, of files", () => {
  let folder: string;
  const file = async (content: string | Uint8Array, name = "some.json") => {
    await writeFile(join(folder, name), content);
    return join(folder, name);
  };
  beforeAll(async () => {
    folder = await scratchFolder();
  });

  test("the text is the file's, byte for byte", async () => {
    const letter = await readSurvey(join(FIXTURES, "survey-01.json"));
    expect(letter).toMatchObject({ text: await readFixture("survey-01.json"), submissionId: "0001092821120000" });
  });

  test("odd spacing, escapes, duplicate keys and a trailing newline stay as they are", async () => {
    const text = '\r\n{ "user_id" : "1", "user_id":"2",\t"timestamp":"3","freetext":"\\u00e9 😀"}\n\n';
    expect(await readSurvey(await file(text))).toMatchObject({ text, submissionId: "23" });
  });

  test.each<[string, string | Uint8Array, string]>([
    ["empty", "", "NOT_JSON"],
    ["no JSON", "hello", "NOT_JSON"],
    ["cut off", '{"user_id":"0001"', "NOT_JSON"],
    ["JSON after a byte order mark", "\uFEFF{}", "NOT_JSON"],
    ["an array", "[]", "NOT_AN_OBJECT"],
    ["null", "null", "NOT_AN_OBJECT"],
    ["a number", "5", "NOT_AN_OBJECT"],
    ["a string", '"x"', "NOT_AN_OBJECT"],
    ["not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "NOT_UTF8"],
    ["a lone surrogate in UTF-8", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), "NOT_UTF8"],
    ["a character that SQS does not carry", '{"a":"\uFFFE"}', "INVALID_CHARACTERS"],
    ["one byte over 1 MiB", padded(MIB + 1), "TOO_LARGE"],
  ])("a file that is %s is refused", async (_, content, code) => {
    expect(await readSurvey(await file(content))).toMatchObject({ submissionId: "some.json", error: { code } });
  });

  test("a file of exactly 1 MiB is good", async () => {
    expect(await readSurvey(await file(padded(MIB)))).toEqual({ text: padded(MIB), submissionId: "0001092821120000" });
  });

  test("the refusal's text contains none of the answers", async () => {
    const letter = await readSurvey(await file('{"freetext": "secret" oops'));
    expect(JSON.stringify(letter)).not.toContain("secret");
  });

  test.each([
    ["missing", "none.json", "FILE_NOT_FOUND", "none.json"],
    ["below a file", "some.json/x.json", "FILE_NOT_FOUND", "x.json"],
    ["a directory", "dir", "NOT_A_FILE", "dir"],
    ["a pipe", "pipe", "NOT_A_FILE", "pipe"],
    ["unspeakable", "a\0b", "FILE_UNREADABLE", "a\0b"],
    ["empty", "", "NOT_A_FILE", expect.any(String)],
  ])("a path that is %s is refused", async (_, path, code, submissionId) => {
    await file("{}");
    await mkdir(join(folder, "dir"), { recursive: true });
    if (path === "pipe") execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(await readSurvey(`${folder}/${path}`)).toMatchObject({ submissionId, error: { code } });
  });

  test("JSON text in place of a path is distinguished from a missing file's name", async () => {
    const letter = await readSurvey(JSON.stringify(survey()));
    expect(letter).toMatchObject({ submissionId: "unidentified", error: { code: "FILE_NOT_FOUND" } });
  });
});

describe("readSurvey, of objects", () => {
  test("the text is what JSON.stringify writes", async () => {
    const letter = await readSurvey(survey({ freetext: "grüße 😀" }));
    expect(letter).toMatchObject({ text: JSON.stringify(survey({ freetext: "grüße 😀" })) });
  });

  test.each<[string, object, string | RegExp]>([
    ["has both", survey(), "0001092821120000"],
    ["breaks every policy", survey({ freetext: "", time_elapsed: 0 }), "0001092821120000"],
    ["has a number as user_id", survey({ user_id: 1 }), /^unidentified-[0-9a-f]{14}$/],
    ["has no timestamp", survey({ timestamp: undefined }), /^unidentified-[0-9a-f]{14}$/],
    ["is empty", {}, /^unidentified-[0-9a-f]{14}$/],
  ])("a survey that %s has its id and is sendable", async (_, object, id) => {
    const letter = await readSurvey(object);
    expect(letter).not.toHaveProperty("error");
    expect(letter.submissionId).toEqual(typeof id === "string" ? id : expect.stringMatching(id));
  });

  // cyrb53 of the body's JSON, worked out by another implementation.
  test.each<[object, string]>(HASHES)("the id of %j is %s", async (object, id) => {
    expect((await readSurvey(object)).submissionId).toBe(`unidentified-${id}`);
  });

  test("different unidentified bodies have different ids, and the same body always has the same id", async () => {
    const ids = await Promise.all([{ a: 1 }, { a: 2 }, { a: 1 }].map(async (o) => (await readSurvey(o)).submissionId));
    expect(ids[0]).toBe(ids[2]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  test("characters that SQS does not carry are written as escapes", async () => {
    const freetext = "\0\x1b\uD83D\uFFFE\uFFFF";
    const letter = await readSurvey(survey({ freetext }));
    expect(letter).not.toHaveProperty("error");
    expect(JSON.parse((letter as { text: string }).text).freetext).toBe(freetext);
  });

  const throwing = {
    get a(): never {
      throw null;
    },
  };
  test.each<[string, unknown, string]>([
    ["a cycle", cyclic, "NOT_SERIALISABLE"],
    ["a BigInt", { a: 1n }, "NOT_SERIALISABLE"],
    ["a getter that throws", throwing, "NOT_SERIALISABLE"],
    ["a toJSON that returns nothing", { toJSON: () => undefined }, "NOT_SERIALISABLE"],
    ["an array", [1], "NOT_AN_OBJECT"],
    ["a date", new Date(0), "NOT_AN_OBJECT"],
    ["null", null, "BAD_SURVEY"],
    ["undefined", undefined, "BAD_SURVEY"],
    ["a number", 5, "BAD_SURVEY"],
    ["a symbol", Symbol("s"), "BAD_SURVEY"],
    ["a function", () => {}, "BAD_SURVEY"],
    ["over 1 MiB", { a: "€".repeat(MIB / 3) }, "TOO_LARGE"],
  ])("%s is refused", async (_, value, code) => {
    expect(await readSurvey(value as object)).toMatchObject({
      submissionId: expect.any(String),
      error: { code, retryable: false },
    });
  });
});

test.each([
  ["a.json", "a.json"],
  ["/x/y/a.json", "a.json"],
  ["C:\\x\\a.json", "a.json"],
  ["/x/y/", "y"],
  ["", "unidentified"],
  ["/", "unidentified"],
  ["/x/{", "unidentified"],
  ["/x/a\nb", "unidentified"],
  ["x".repeat(255), "x".repeat(255)],
  ["x".repeat(256), "unidentified"],
])("the id of the file %j is %s", (path, id) => expect(fileId(path)).toBe(id));

describe("letterOfBytes", () => {
  const bytes = (content: string) => new TextEncoder().encode(content);

  test("1 MiB is a letter; more is refused, and not even decoded", () => {
    expect(letterOfBytes(bytes(padded(MIB)), "f")).toMatchObject({ text: padded(MIB) });
    const decode = jest.spyOn(TextDecoder.prototype, "decode");
    expect(letterOfBytes(bytes(padded(MIB + 1)), "f")).toMatchObject({
      submissionId: "f",
      error: { code: "TOO_LARGE" },
    });
    expect(decode).not.toHaveBeenCalled();
    decode.mockRestore();
  });

  test("a file that is not UTF-8 is reported by name", () => {
    const error = { code: "NOT_UTF8", message: "f is not UTF-8 text." };
    expect(letterOfBytes(new Uint8Array([0x7b, 0xff, 0x7d]), "f")).toMatchObject({ submissionId: "f", error });
  });
});

test.each([[null], [{ a: 1n }]])("a value without a JSON form has no id: %p", async (value) => {
  expect((await readSurvey(value as object)).submissionId).toBe("unidentified");
});

test.each<[unknown, string, string]>([
  [null, "BAD_SURVEY", "survey must be the path of a file or an object, got null."],
  [undefined, "BAD_SURVEY", "survey must be the path of a file or an object, got undefined."],
  [5, "BAD_SURVEY", "survey must be the path of a file or an object, got number."],
  [
    { toJSON: () => undefined },
    "NOT_SERIALISABLE",
    "The survey cannot be written as JSON: its toJSON returns nothing.",
  ],
  [{ a: 1n }, "NOT_SERIALISABLE", "The survey cannot be written as JSON: Do not know how to serialize a BigInt"],
])("no JSON of %p: %s", (value, code, message) => expect(serialise(value)).toMatchObject({ code, message }));

test("each character that SQS does not carry is an escape, wherever it stands", () => {
  expect(serialise({ a: "\uFFFE\uFFFF\uFFFE\uFFFF" })).toBe('{"a":"\\ufffe\\uffff\\ufffe\\uffff"}');
});
