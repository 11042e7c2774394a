import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProjectConfig } from "../../local/projectConfig";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "project-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function read(project: string, stack: string, overrides?: Record<string, string>) {
  await writeFile(join(folder, "Pulumi.yaml"), `name: sluice\nruntime: nodejs\n${project}`);
  await writeFile(join(folder, "Pulumi.dev.yaml"), stack);
  return readProjectConfig(folder, "dev", overrides);
}

const defaults =
  "config:\n  size: {type: integer, default: 10}\n  on: {type: boolean, default: false}\n  must: {type: string}\n";

test("the stack's values replace the project's defaults, and overrides replace both; all are text", async () => {
  const stack = "config:\n  sluice:size: 20\n  aws:region: eu-central-1\n";
  expect(await read(defaults, stack, { on: "true", "aws:region": "us-east-1" })).toEqual({
    project: "sluice",
    values: { "sluice:size": "20", "sluice:on": "true", "aws:region": "us-east-1" },
  });
});

test.each<[string, string, string]>([
  ["a key without project", "config:\n  size: 3\n", "3"],
  ["false", "config:\n  sluice:size: false\n", "false"],
  ["zero", "config:\n  sluice:size: 0\n", "0"],
  ["an empty text", "config:\n  sluice:size: ''\n", ""],
  ["a text of digits", "config:\n  sluice:size: '007'\n", "007"],
  ["a list", "config:\n  sluice:size: [1, {a: 2}]\n", '[1,{"a":2}]'],
])("%s in the stack's file", async (_, stack, expected) => {
  expect((await read(defaults, stack)).values["sluice:size"]).toBe(expected);
});

test.each([
  ["is empty", ""],
  ["has comments only", "# nothing\n"],
  ["has no config", "encryptionsalt: x\n"],
  ["has an empty config", "config:\n"],
])("a stack's file that %s leaves the defaults", async (_, stack) => {
  expect((await read(defaults, stack)).values).toEqual({ "sluice:size": "10", "sluice:on": "false" });
});

test("a project without config has none", async () => {
  expect((await read("", "config:\n  aws:region: x\n")).values).toEqual({ "aws:region": "x" });
});

test.each<[string, string | undefined, RegExp]>([
  ["without a project", undefined, /^A Pulumi project is needed, but \S+Pulumi.yaml does not exist\.$/],
  ["with another file of that name", "- a list\n", /^A Pulumi project .* is not a project's file\.$/],
  ["with a file that is no YAML", "name: [", /^A Pulumi project .* is not a project's file\.$/],
])("a folder %s causes one clear error", async (_, text, sentence) => {
  if (text !== undefined) await writeFile(join(folder, "Pulumi.yaml"), text);
  const message = expect.stringMatching(sentence);
  await expect(readProjectConfig(folder, "dev")).rejects.toMatchObject({ code: "BAD_OPTION", message });
});

test("a stack without a file causes one clear error", async () => {
  await read("", "");
  await expect(readProjectConfig(folder, "other")).rejects.toMatchObject({ code: "UNKNOWN_STACK", value: "other" });
});
