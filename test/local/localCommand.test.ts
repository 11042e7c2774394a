import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { RequestProblems } from "../../cli/errors";
import { type LocalCommand, readLocalCommand } from "../../local/localCommand";
import { OWN_PROJECT } from "../../local/projectConfig";

const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  return name;
}

const read = (...args: string[]): Promise<LocalCommand> =>
  readLocalCommand(args, folder, { stdout: new PassThrough(), stderr: new PassThrough() });

/** The problems of a command line that is refused as wrong usage. */
async function problemsOf(...args: string[]): Promise<readonly string[]> {
  const error: unknown = await read(...args).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(RequestProblems);
  expect(error).toMatchObject({ code: "USAGE" });
  return (error as RequestProblems).problems;
}

test("without options, Sluice's own program runs with the dev stack's config, on any port", async () => {
  expect(await read()).toEqual({
    cloud: { port: 0, project: OWN_PROJECT, stack: "dev", config: {} },
    state: join(folder, ".sluice/local.json"),
    permissions: false,
    ui: false,
  });
});

test("reads what is given, and takes paths from the folder in which it was started", async () => {
  const faults = { rules: [{ service: "s3", fault: { kind: "lost" } }] };
  const capacity = [{ table: "orders", mode: "on-demand" }];
  const files = ["--faults", file("faults.json", faults), "--capacity", file("capacity.json", capacity)];
  const config = ["--config", "a=1", "--config", "b=x=y", "--config", "a=2"];
  const command = await read("--port", "4566", "--permissions", "--state", "here.json", ...config, ...files);
  expect(command).toMatchObject({
    cloud: { port: 4566, config: { a: "2", b: "x=y" }, faults, capacity },
    ...{ state: join(folder, "here.json"), permissions: true },
  });
});

test("reports all problems at once", async () => {
  const faults = file("wrong.json", { rules: [{ service: "nothing" }] });
  const capacity = file("tables.json", [{ table: "orders", mode: "on-demand" }, { table: "t" }, { mode: "fast" }]);
  const options = ["--port", "banana", "--config", "nonsense", "--config", "=1", "--prot", "1"];
  const named = ["--stack", "nowhere", "--faults", faults, "--capacity", capacity, "--ui", "--state", "x.json"];
  expect(await problemsOf(...named, ...options)).toEqual([
    "--port must be a whole number from 0 to 65535, got banana.",
    "--config must be key=value, got nonsense.",
    "--config must be key=value, got =1.",
    `Unknown option '--prot' (Did you mean --port?).`,
    `--ui needs the state in ${join(folder, ".sluice/local.json")}: leave out --state.`,
    `Stack nowhere needs the file ${resolve("Pulumi.nowhere.yaml")}, but it does not exist.`,
    expect.stringMatching(/^The fault rules are wrong: rules\.0\.service: .*; rules\.0\.fault: /),
    expect.stringMatching(/^The capacity settings are wrong: 1\.mode: .*; 2\.mode: /),
  ]);
});

test.each<[string, string[], string]>([
  [
    "a file that isn't there",
    ["--faults", "none.json"],
    "--faults must name a file that can be read, but none.json does not exist.",
  ],
  [
    "a file without JSON",
    ["--capacity", file("text.json", "oops")],
    "--capacity must name a JSON file, but text.json isn't JSON (Unexpected token 'o', \"oops\" is not valid JSON).",
  ],
  ["a state that is a folder", ["--state", "."], `--state must name a file, but ${folder} isn't one.`],
  [
    "a folder without a project",
    ["--project", "."],
    `A Pulumi project is needed, but ${join(folder, "Pulumi.yaml")} does not exist.`,
  ],
])("refuses %s as wrong usage", async (_, args, problem) => {
  expect(await problemsOf("--port", "-1", ...args)).toEqual([expect.stringMatching(/^--port must be/), problem]);
});

test("takes a file that begins with a byte order mark", async () => {
  const command = await read("--capacity", file("marked.json", "\ufeff[]"));
  expect(command.cloud.capacity).toEqual([]);
});

test("an empty value is one problem, not two", async () => {
  expect(await problemsOf("--stack", "", "--state", "")).toEqual([
    "--stack needs a value: --stack <name>.",
    "--state needs a value: --state <file>.",
  ]);
});
