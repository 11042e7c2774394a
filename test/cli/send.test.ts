import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { main, type SendIo } from "../../cli/send";
import { CREDENTIALS, DEAD_QUEUE_URL, FIXTURES, localSqs, scratchFolder, survey } from "../sender/helpers";

const ROOT = join(__dirname, "../..");
const sqs = localSqs();

/** A project's folder in which the local cloud seems to run. */
async function localRoot(queueUrl: string): Promise<string> {
  const root = await scratchFolder();
  await mkdir(join(root, ".sluice"));
  const outputs = { sender: { queueUrl, region: "us-east-1" } };
  const endpoint = new URL(queueUrl).origin;
  const local = { endpoint, region: "us-east-1", credentials: CREDENTIALS, outputs };
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(local));
  return root;
}

async function run(root: string, args: string[], io: Partial<SendIo> = {}) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await main(args, { stdout, stderr, root, cwd: root, ...io });
  return { code, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

/** A folder with two good surveys, a bad one between them, and what is no survey. */
async function mixedFolder(): Promise<string> {
  const folder = await scratchFolder();
  await writeFile(join(folder, "a.json"), JSON.stringify(survey({ user_id: "a" })));
  await writeFile(join(folder, "b.json"), "oops");
  await writeFile(join(folder, "c.json"), JSON.stringify(survey({ user_id: "c" })));
  await writeFile(join(folder, "README.md"), "no survey");
  await mkdir(join(folder, "d.json"));
  return folder;
}

describe("npm run send", () => {
  test("sends a folder's surveys, leaves the files as they are, and ends with 0", async () => {
    const folder = join(await scratchFolder(), "surveys");
    await mkdir(folder);
    for (const name of await readdir(FIXTURES)) await copyFile(join(FIXTURES, name), join(folder, name));
    const queueUrl = await sqs.queue("folder");
    const { code, stdout, stderr } = await run(await localRoot(queueUrl), [folder]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `Sent 10 of 10 surveys to ${queueUrl}\n`, stderr: "" });
    const contents = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
    expect((await sqs.bodies("folder")).sort()).toEqual(contents.sort());
    expect(contents).toHaveLength(10);
  });

  test("sends one file, named relative to where the user stands", async () => {
    const root = await localRoot(await sqs.queue("file"));
    const { code } = await run(root, ["survey-01.json", "--stack", "local"], { cwd: FIXTURES });
    expect(code).toBe(0);
    expect(await sqs.bodies("file")).toHaveLength(1);
  });

  test("names each refused file and its reason, sends the others, and ends with 1", async () => {
    const folder = await mixedFolder();
    const { code, stdout } = await run(await localRoot(await sqs.queue("mixed")), [folder]);
    expect(code).toBe(1);
    expect(stdout).toContain("Sent 2 of 3 surveys");
    expect(stdout).toContain(`${join(folder, "b.json")}  NOT_JSON: `);
    expect(await readdir(folder)).toHaveLength(5);
  });

  test("--json prints one document", async () => {
    const folder = await mixedFolder();
    const queueUrl = await sqs.queue("json");
    const { code, stdout } = await run(await localRoot(queueUrl), [folder, "--json"]);
    expect(code).toBe(1);
    const result = (name: string) => {
      return { file: join(folder, `${name}.json`), submissionId: `${name}092821120000`, messageId: expect.any(String) };
    };
    expect(JSON.parse(stdout)).toEqual({
      queueUrl,
      total: 3,
      sent: 2,
      refused: [
        { file: join(folder, "b.json"), submissionId: "b.json", error: expect.objectContaining({ code: "NOT_JSON" }) },
      ],
      unconfirmed: [],
      waiting: [],
      results: [result("a"), result("c")],
    });
  });

  const gone = `The local cloud is not running (nothing answers at ${new URL(DEAD_QUEUE_URL).origin}): start it with \`npm run local\`.`;
  test.each<[string, string[], string]>([
    ["a folder", ["my surveys"], "the files are unchanged. Then run: npm run send -- 'my surveys'"],
    [
      "an outbox",
      ["my surveys", "--outbox", "box"],
      "they wait in the outbox box. Then run: npm run send -- --outbox box",
    ],
    [
      "a stack",
      ["my surveys", "--stack", "local"],
      "the files are unchanged. Then run: npm run send -- 'my surveys' --stack local",
    ],
  ])("a local cloud that is gone: one reason for all surveys of %s, and what to run", async (_, args, end) => {
    const root = await localRoot(DEAD_QUEUE_URL);
    const folder = join(root, "my surveys");
    await mkdir(folder);
    for (const name of ["a", "b"])
      await writeFile(join(folder, `${name}.json`), JSON.stringify(survey({ user_id: name })));
    await writeFile(join(folder, "c.json"), "oops");
    const { code, stdout } = await run(root, args);
    expect([code, stdout.split("\n")]).toEqual([
      1,
      [
        `Sent 0 of 3 surveys to ${DEAD_QUEUE_URL}`,
        `Failed: ${gone} 2 surveys were not sent. Nothing is lost: ${end}`,
        "Refused: 1",
        `  ${join(folder, "c.json")}  NOT_JSON: c.json is not JSON.`,
        "",
      ],
    ]);
  });

  test("with --json, a local cloud that is gone is the document's error, and each survey has its own", async () => {
    const { code, stdout } = await run(await localRoot(DEAD_QUEUE_URL), [join(FIXTURES, "survey-01.json"), "--json"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      {
        sent: 0,
        refused: [{ error: { code: "NETWORK" } }],
        error: { code: "NETWORK", message: expect.stringContaining(gone) },
      },
    ]);
  });

  test("a survey whose answer is lost may have arrived, and is not called refused", async () => {
    const bodies: string[] = [];
    const cutting = createServer((request) => {
      request.on("data", (chunk: Buffer) => bodies.push(String(chunk)));
      request.on("end", () => request.socket.destroy());
    }).listen(0, "127.0.0.1");
    await once(cutting, "listening");
    const root = await localRoot(`http://127.0.0.1:${(cutting.address() as AddressInfo).port}/0/queue`);
    const { code, stdout } = await run(root, [join(FIXTURES, "survey-01.json"), "--json"]);
    cutting.close();
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { sent: 0, refused: [], unconfirmed: [{ error: { code: "TIMEOUT", mayHaveArrived: true } }] },
    ]);
    expect(bodies.join("")).toContain("user_id");
  });

  test("--outbox keeps surveys that could not be sent, and sends them the next time, even without a file", async () => {
    const folder = await mixedFolder();
    const down = await run(await localRoot(DEAD_QUEUE_URL), [folder, "--outbox", "box", "--json"], { cwd: folder });
    expect(down.code).toBe(1);
    const { sent, refused, waiting } = JSON.parse(down.stdout);
    expect([sent, refused.length, waiting.length]).toEqual([0, 1, 2]);
    expect(waiting.map((entry: { file: string }) => entry.file)).toEqual(
      ["a", "c"].map((n) => join(folder, `${n}.json`)),
    );

    const up = await run(await localRoot(await sqs.queue("box")), ["--outbox", "box", "--json"], { cwd: folder });
    expect(up.code).toBe(0);
    expect(JSON.parse(up.stdout)).toMatchObject({ total: 2, sent: 2 });
    expect(await sqs.bodies("box")).toHaveLength(2);
    expect(await readdir(join(folder, "box/rejected"))).toHaveLength(2);
  });

  test("an outbox on a folder that cannot be written ends with 1 and one sentence", async () => {
    const root = await localRoot(DEAD_QUEUE_URL);
    await writeFile(join(root, "file"), "");
    const { code, stderr } = await run(root, [FIXTURES, "--outbox", "file"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The outbox's storage failed: .+\n$/);
  });

  test("another stack's output comes from Pulumi", async () => {
    const queueUrl = await sqs.queue("dev");
    process.env.AWS_ACCESS_KEY_ID = "test";
    process.env.AWS_SECRET_ACCESS_KEY = "test";
    const output = { queueUrl, region: "us-east-1", identityPoolId: "us-east-1:1", guestRoleArn: "unused" };
    const options = { run: async () => JSON.stringify(output) };
    const { code } = await run(await scratchFolder(), [FIXTURES, "--stack", "dev"], options);
    expect(code).toBe(0);
    expect(await sqs.bodies("dev")).toHaveLength(10);
  });

  test.each<[string, string[]]>([
    ["no path", []],
    ["an unknown option", [FIXTURES, "--stak", "dev"]],
    ["an option without its value", [FIXTURES, "--stack"]],
    ["two paths", [FIXTURES, FIXTURES]],
    ["a path that is not there", ["/none"]],
    ["a folder without surveys", [__dirname]],
  ])("%s ends with 2 and one sentence", async (_, args) => {
    const { code, stdout, stderr } = await run(await localRoot(DEAD_QUEUE_URL), args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^[^\n]+\n$/);
  });

  test.each<[string, string[], string]>([
    ["no stack at all", [FIXTURES], "--stack"],
    ["a local cloud that is not running", [FIXTURES, "--stack", "local"], "npm run local"],
  ])("%s ends with 2 and says what to do", async (_, args, advice) => {
    const { code, stderr } = await run(await scratchFolder(), args);
    expect(code).toBe(2);
    expect(stderr).toContain(advice);
  });

  test("an output that is not a sender's ends with 2", async () => {
    const { code } = await run(await scratchFolder(), [FIXTURES, "--stack", "dev"], { run: async () => "{}" });
    expect(code).toBe(2);
  });

  test("--help prints the usage and ends with 0", async () => {
    const { code, stdout } = await run("/", ["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("--outbox <folder>");
  });

  test("a progress bar is drawn for many files on a terminal, on standard error alone", async () => {
    const folder = await scratchFolder();
    for (let i = 0; i < 30; i++)
      await writeFile(join(folder, `${i}.json`), JSON.stringify(survey({ user_id: `u${i}` })));
    const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, cursorTo: () => true });
    const root = await localRoot(await sqs.queue("bar"));
    const { code, stdout } = await run(root, [folder], { stderr });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Sent 30 of 30/);
    expect(String(stderr.read())).toContain("30/30");
  });

  test("an error that nobody foresaw ends with 1, its message and its stack", async () => {
    const root = await localRoot(DEAD_QUEUE_URL);
    const broken = new Error("no terminal");
    const stdout = Object.assign(new PassThrough(), {
      write: () => {
        throw broken;
      },
    });
    const { code, stderr } = await run(root, [join(FIXTURES, "survey-01.json")], { stdout });
    expect([code, stderr]).toEqual([1, `Something went wrong here: no terminal\n${broken.stack}\n`]);
  });

  describe("as a command", () => {
    /** Runs it in a process of its own, in this folder. */
    async function command(cwd: string, args: string[]) {
      const loader = join(ROOT, "loader.mjs");
      const env = { ...process.env, npm_lifecycle_event: "", NODE_PATH: join(ROOT, "node_modules") };
      const child = promisify(execFile)(process.execPath, ["--import", loader, join(ROOT, "cli/send.ts"), ...args], {
        cwd,
        env,
      });
      return child.then(
        ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
        ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
      );
    }

    test("it ends with 0 if all surveys are sent", async () => {
      const root = await localRoot(await sqs.queue("command"));
      expect(await command(root, [join(FIXTURES, "survey-01.json")])).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^Sent 1 of 1 survey to /),
        stderr: "",
      });
    });

    test("it ends with 1 if a survey is refused or still waits", async () => {
      const bad = join(await scratchFolder(), "bad.json");
      await writeFile(bad, "oops");
      expect(await command(await localRoot(DEAD_QUEUE_URL), [bad])).toMatchObject({
        code: 1,
        stdout: expect.stringContaining("NOT_JSON"),
      });
      const root = await localRoot(DEAD_QUEUE_URL);
      const waiting = await command(root, [join(FIXTURES, "survey-01.json"), "--outbox", "box", "--json"]);
      expect(waiting.code).toBe(1);
      expect(JSON.parse(waiting.stdout)).toMatchObject({ queueUrl: DEAD_QUEUE_URL, sent: 0, waiting: [{}] });
    });

    test("it ends with 2 if the usage is wrong", async () => {
      const { code, stdout } = await command(await scratchFolder(), ["--stak", "dev"]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    });
  });
});

test.each(["by itself", "under npm"])(
  "Ctrl-C ends it at once %s: it prints what was not sent, and exits with 3",
  async (how) => {
    const deaf = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(deaf, "listening");
    const root = await localRoot(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}/0/queue`);
    const args = ["--import", join(ROOT, "loader.mjs"), join(ROOT, "cli/send.ts"), FIXTURES];
    // npm runs scripts in the folder of package.json.
    for (const name of ["package.json", "loader.mjs", "cli"]) await symlink(join(ROOT, name), join(root, name));
    const given =
      how === "under npm" ? ["npm", "run", "--silent", "send", "--", FIXTURES] : [process.execPath, ...args];
    const [program, ...rest] = given as [string, ...string[]];
    const command = spawn(program, rest, { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      command[name].on("data", (chunk: Buffer) => (output[name] += chunk));
    await once(deaf, "request");
    process.kill(-command.pid!, "SIGINT");
    expect(await once(command, "close")).toEqual([3, null]);
    deaf.close();
    deaf.closeAllConnections();
    expect(output).toEqual({
      stdout: expect.stringMatching(/^Sent 0 of 10 surveys .*\nNot confirmed: 10\n/),
      stderr: "",
    });
  },
);
