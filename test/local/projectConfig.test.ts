import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
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
  ["with another file of that name", "- a list\n", /^A Pulumi project .* must be a mapping, but is a list\.$/],
  [
    "with a file that is no YAML",
    "name: a\n\tb: 1",
    /^A Pulumi project .* isn't valid YAML \(line 2, column 1: Tabs .*\)\.$/,
  ],
  ["without a name", "runtime: nodejs\n", /^A Pulumi project .* has no `name`\.$/],
  [
    "with a list as config",
    "name: a\nconfig: [1]\n",
    /must have a mapping as `config`, but has a list there \(line 2\)\.$/,
  ],
])("a folder %s causes one clear error", async (_, text, sentence) => {
  if (text !== undefined) await writeFile(join(folder, "Pulumi.yaml"), text);
  const message = expect.stringMatching(sentence);
  await expect(readProjectConfig(folder, "dev")).rejects.toMatchObject({ code: "BAD_OPTION", message });
});

test("a stack without a file causes one clear error", async () => {
  await read("", "");
  await expect(readProjectConfig(folder, "other")).rejects.toMatchObject({ code: "UNKNOWN_STACK", value: "other" });
});

test.each<[string, string, string]>([
  ["tabs", "config:\n\tsize: 1\n", "isn't valid YAML (line 2, column 1: Tabs are not allowed as indentation)"],
  ["a key twice", "config:\n  a: 1\n  a: 2\n", "isn't valid YAML (line 3, column 3: Map keys must be unique)"],
  ["a second document", "config: {}\n---\na: 1\n", "isn't valid YAML (line 2, column 1: a second document begins)"],
  [
    "an alias of nothing",
    "config: *x\n",
    "isn't valid YAML (Unresolved alias (the anchor must be set before the alias): x)",
  ],
  ["a list only", "- a\n", "must be a mapping, but is a list"],
  ["a text only", "sluice\n", "must be a mapping, but is a string"],
  ["a list as config", "# a\nconfig:\n  - a\n", "must have a mapping as `config`, but has a list there (line 3)"],
  ["a text as config", "config: a\n", "must have a mapping as `config`, but has a string there (line 1)"],
  ["a number as config", "\nconfig: 7\n", "must have a mapping as `config`, but has a number there (line 2)"],
])("a stack's file with %s causes one sentence about what to correct", async (_, stack, why) => {
  await expect(read(defaults, stack)).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: `${join(folder, "Pulumi.dev.yaml")} ${why}. Correct the file, and try again.`,
  });
});

test.each(["../../x", "organization/dev", ""])("%j is refused, because no stack's file is called so", async (stack) => {
  await read("", "");
  const message = `A stack's name consists of up to 100 letters, digits, hyphens, underscores and periods, but got "${stack}".`;
  await expect(readProjectConfig(folder, stack)).rejects.toMatchObject({ code: "UNKNOWN_STACK", message });
});

test("a stack's file that can't be read causes one sentence about why", async () => {
  await read("", "");
  await mkdir(join(folder, "Pulumi.odd.yaml"));
  await expect(readProjectConfig(folder, "odd")).rejects.toMatchObject({
    code: "UNKNOWN_STACK",
    message: `Stack odd needs the file ${join(folder, "Pulumi.odd.yaml")}, but it is a folder.`,
  });
});
