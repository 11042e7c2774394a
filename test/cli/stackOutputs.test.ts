import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunCommand, readStackOutput, runIn } from "../../cli/stackOutputs";
import { scratchFolder } from "../sender/helpers";

const LOCAL = {
  endpoint: "http://127.0.0.1:4566",
  region: "us-east-1",
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
  outputs: { sender: { queueUrl: "http://127.0.0.1:4566/000000000000/q" } },
};

async function rootWith(content: string): Promise<string> {
  const root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  await writeFile(join(root, ".sluice/local.json"), content);
  return root;
}

describe("readStackOutput of the local cloud", () => {
  test("returns the output, and how to reach the services that it names", async () => {
    const root = await rootWith(JSON.stringify(LOCAL));
    const { outputs, ...access } = LOCAL;
    expect(await readStackOutput("sender", "local", root)).toEqual({ value: outputs.sender, ...access });
  });

  test.each([
    ["not JSON", "{", "LOCAL_FILE_INVALID"],
    ["empty", "{}", "LOCAL_FILE_INVALID"],
    ["with a bad endpoint", JSON.stringify({ ...LOCAL, endpoint: "here" }), "LOCAL_FILE_INVALID"],
    ["without the output", JSON.stringify({ ...LOCAL, outputs: {} }), "NO_SUCH_OUTPUT"],
  ])("refuses a file that is %s", async (_, content, code) => {
    await expect(readStackOutput("sender", "local", await rootWith(content))).rejects.toMatchObject({ code });
  });

  test("names all problems of the file at once", async () => {
    const reading = readStackOutput("sender", "local", await rootWith('{"outputs":{}}'));
    await expect(reading).rejects.toThrow(/endpoint.*region.*credentials/);
  });

  test("refuses if the local cloud is not running", async () => {
    const reading = readStackOutput("sender", "local", await scratchFolder());
    await expect(reading).rejects.toMatchObject({ code: "LOCAL_CLOUD_DOWN" });
  });
});

describe("readStackOutput of a Pulumi stack", () => {
  const failure = (code: unknown, stderr = "") => Object.assign(new Error("failed"), { code, stderr });

  test("asks Pulumi for that one output", async () => {
    const run = jest.fn<ReturnType<RunCommand>, Parameters<RunCommand>>(async () => '{"queueUrl":"u"}\n');
    expect(await readStackOutput("sender", "dev", "/", run)).toEqual({ value: { queueUrl: "u" } });
    expect(run.mock.calls).toEqual([["pulumi", ["stack", "output", "sender", "--json", "--stack", "dev"]]]);
  });

  test("has a secret output decrypted", async () => {
    const run = jest.fn(async (_: string, args: string[]) => (args.includes("--show-secrets") ? "7" : '"[secret]"'));
    expect(await readStackOutput("operator", "dev", "/", run)).toEqual({ value: 7 });
    expect(run.mock.lastCall![1]).toEqual([
      "stack",
      "output",
      "operator",
      "--json",
      "--show-secrets",
      "--stack",
      "dev",
    ]);
  });

  test("uses the npm package if the CLI is not installed", async () => {
    const run = jest.fn<ReturnType<RunCommand>, Parameters<RunCommand>>(async (command) => {
      if (command === "pulumi") throw failure("ENOENT");
      return "5";
    });
    expect(await readStackOutput("n", "dev", "/", run)).toEqual({ value: 5 });
    expect(run.mock.calls[1]?.[1].slice(0, 3)).toEqual(["--yes", "pulumi", "stack"]);
  });

  test.each<[string, () => Promise<string>, string]>([
    ["neither is there", () => Promise.reject(failure("ENOENT")), "NO_PULUMI"],
    ["Pulumi fails", () => Promise.reject(failure(255, "error: no stack named 'dev' found\n")), "STACK_UNREADABLE"],
    ["Pulumi prints no JSON", async () => "hello", "STACK_UNREADABLE"],
  ])("refuses where %s", async (_, run, code) => {
    await expect(readStackOutput("sender", "dev", "/", run)).rejects.toMatchObject({ code });
  });

  test.each(["ä b", "", "../x", "a/b/c/d", "..", "x".repeat(101)])(
    "refuses %j without asking Pulumi",
    async (stack) => {
      const run = jest.fn();
      await expect(readStackOutput("sender", stack, "/", run)).rejects.toMatchObject({
        code: "UNKNOWN_STACK",
        message: expect.stringMatching(/^A stack's name consists of .+, but got ".*"\.$/),
      });
      expect(run).not.toHaveBeenCalled();
    },
  );

  test("takes an organization and a project before the stack's name", async () => {
    const run = jest.fn(async () => "{}");
    expect(await readStackOutput("sender", "acme/sluice/eu-1.b", "/", run)).toEqual({ value: {} });
  });

  test("passes on Pulumi's sentence", async () => {
    const run = () => Promise.reject(failure(255, "error: no stack named 'dev' found\n"));
    await expect(readStackOutput("sender", "dev", "/", run)).rejects.toThrow(/: no stack named 'dev' found$/);
  });

  test("leaves out the progress that comes before the sentence", async () => {
    const run = () => Promise.reject(failure(1, "Downloading pulumi v3.265.0…\npulumi: fetch failed\n"));
    await expect(readStackOutput("sender", "dev", "/", run)).rejects.toThrow(
      /^Pulumi cannot read stack dev: fetch failed$/,
    );
  });

  test("names the local cloud's stack while it runs", async () => {
    const run = () => Promise.reject(failure(255, "error: no stack named 'loca' found\n"));
    await expect(readStackOutput("sender", "loca", await rootWith(JSON.stringify(LOCAL)), run)).rejects.toThrow(
      /: no stack named 'loca' found\. The local cloud is running: its stack is `local`\.$/,
    );
  });

  test("really runs the command found on PATH, in the project's folder", async () => {
    const root = await scratchFolder();
    await writeFile(join(root, "pulumi"), `#!/bin/sh\nprintf '{"at":"%s","args":"%s"}' "$(pwd -P)" "$*"\n`);
    await chmod(join(root, "pulumi"), 0o755);
    const run = runIn(root, { PATH: `${root}:${process.env.PATH}` });
    const { value } = await readStackOutput("sender", "dev", root, run);
    expect(value).toEqual({ at: root, args: "stack output sender --json --stack dev" });
  });
});
