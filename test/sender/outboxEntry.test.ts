import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { draftOf, entryName, letterOfContent } from "../../sender/outboxEntry";
import { scratchFolder, survey } from "./helpers";

const NOW = 1_700_000_000_000;

describe("an entry's name", () => {
  test.each<[string, number, number, number, string, string]>([
    ["the usual", NOW, 0, 0, "0001092821120000", "001700000000000-0000-0000000000000000-0001092821120000.json"],
    ["the highest random bits", NOW, 7, 1 - 2 ** -53, "id", "001700000000000-0007-ffffffffffffffff-id.json"],
    ["half of them", NOW, 9_999, 0.5, "id", "001700000000000-9999-8000000080000000-id.json"],
    ["a count that starts again", 1, 10_000, 0, "id", "000000000000001-0000-0000000000000000-id.json"],
    ["a file's name as the id", 1, 1, 0, "a b.json", "000000000000001-0001-0000000000000000-a_b.json"],
    ["an id that is a path", 1, 1, 0, "../x.json.y", "000000000000001-0001-0000000000000000-___x_json_y.json"],
    ["every character kept", 1, 1, 0, "aZ09_-", "000000000000001-0001-0000000000000000-aZ09_-.json"],
    ["a long id", 1, 1, 0, "x".repeat(65), `000000000000001-0001-0000000000000000-${"x".repeat(64)}.json`],
  ])("%s", (_, now, count, random, id, expected) => {
    expect(entryName(now, count, () => random, id)).toBe(expected);
  });

  test("has 64 bits from two numbers", () => {
    const numbers = [0.25, 0.75];
    expect(entryName(1, 0, () => numbers.shift() as number, "id")).toContain("-40000000c0000000-");
  });
});

describe("a draft", () => {
  test("of a file has its bytes and its letter", async () => {
    const path = join(await scratchFolder(), "a.json");
    await writeFile(path, JSON.stringify(survey()));
    const { content, letter } = await draftOf(path);
    expect(Buffer.from(content as Uint8Array).toString()).toBe(JSON.stringify(survey()));
    expect(letter).toMatchObject({ submissionId: "0001092821120000", text: JSON.stringify(survey()) });
  });

  test("of a file that is no survey has its bytes, and the file's name for the id", async () => {
    const path = join(await scratchFolder(), "a.json");
    await writeFile(path, "oops");
    const { content, letter } = await draftOf(path);
    expect(Buffer.from(content as Uint8Array).toString()).toBe("oops");
    expect(letter).toMatchObject({ submissionId: "a.json", error: { code: "NOT_JSON" } });
  });

  test("of a missing file has no content", async () => {
    expect(await draftOf("/none/a.json")).toEqual({
      letter: { submissionId: "a.json", error: expect.objectContaining({ code: "FILE_NOT_FOUND" }) },
    });
  });

  test("of an object has its JSON, even if that can never be sent", async () => {
    expect(await draftOf(survey())).toMatchObject({ content: JSON.stringify(survey()) });
    expect(await draftOf([1])).toMatchObject({ content: "[1]", letter: { error: { code: "NOT_AN_OBJECT" } } });
  });

  test("of a survey that cannot be written as JSON has no content", async () => {
    const draft = await draftOf({ a: 1n });
    expect(draft).toEqual({
      letter: { submissionId: "unidentified", error: expect.objectContaining({ code: "NOT_SERIALISABLE" }) },
    });
  });
});

test.each([
  ["a text", JSON.stringify(survey())],
  ["bytes", new TextEncoder().encode(JSON.stringify(survey()))],
])("content that is %s is read back", (_, content) => {
  expect(letterOfContent(content, "name")).toMatchObject({ submissionId: "0001092821120000" });
  expect(letterOfContent(content.slice(1), "name")).toMatchObject({ submissionId: "name" });
});
