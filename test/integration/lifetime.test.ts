import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DATABASE_POOL } from "../../local/backends/borrowedDatabase";
import { gone, processesBelow } from "./processes";
import { RunningCloud } from "./runningCloud";

const ROOT = resolve(__dirname, "../..");

// Here, each local cloud starts its own Java, as a user's does.
delete process.env[DATABASE_POOL];

function javaBelow(pid: number): number[] {
  return processesBelow(pid)
    .filter(({ args }) => args.startsWith("java "))
    .map((java) => java.pid);
}

function runLocal(args: string[], env: NodeJS.ProcessEnv = process.env) {
  const own = ["--state", join(mkdtempSync(join(tmpdir(), "sluice-test-")), "local.json")];
  const state = args.includes("--state") ? [] : own;
  return spawnSync(process.execPath, ["--import", "./loader.mjs", "local/main.ts", ...state, ...args], {
    cwd: ROOT,
    env,
    encoding: "utf8",
    timeout: 150_000,
  });
}

test("--ui serves the page until Ctrl-C, which leaves no process behind and no file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const args = ["--import", join(ROOT, "loader.mjs"), join(ROOT, "local/main.ts"), "--ui"];
  const local = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: process.env,
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) local[name].on("data", (chunk: Buffer) => (output[name] += chunk));
  const ended = once(local, "close");
  while (!output.stdout.includes("#token=")) await new Promise((wake) => setTimeout(wake, 50));
  const [, address, token] = /browser: (\S+)#token=(\S+)/.exec(output.stdout)!;
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(address!)).status).toBe(200);
  expect(await (await fetch(`${address}api/stack`, { headers })).json()).toMatchObject({ stack: "local" });
  const below = processesBelow(local.pid as number).map(({ pid }) => pid);
  local.kill("SIGINT");
  expect([await ended, await gone(below, 30_000)]).toEqual([[0, null], true]);
  expect([existsSync(join(folder, ".sluice/local.json")), /^ +at /m.test(output.stderr)]).toEqual([false, false]);
  rmSync(folder, { recursive: true });
});

/** How a command ends that a signal stopped. */
const CLEAN = { ended: [3, null], gone: true, trace: false, left: [], state: false };

/** Starts a command in a folder of its own, and as a process group of its own. */
function startCommand([main = "", ...args]: string[], env: NodeJS.ProcessEnv = {}) {
  const [folder = "", temporary = ""] = ["work", "tmp"].map((name) =>
    mkdtempSync(join(tmpdir(), `sluice-test-${name}-`)),
  );
  const loader = join(ROOT, "loader.mjs");
  const command = spawn(process.execPath, ["--import", loader, join(ROOT, main), ...args], {
    ...{ cwd: folder, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    env: { ...process.env, TMPDIR: temporary, ...env },
  });
  let output = "";
  for (const stream of [command.stdout, command.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  const ended = once(command, "close");
  return {
    process: command,
    /** Its processes, as soon as its output has this text, or one of them this command line. */
    async pidsOnce(text: string): Promise<number[]> {
      for (;;) {
        const processes = processesBelow(command.pid as number);
        if (output.includes(text) || processes.some(({ args }) => args.includes(text))) {
          return processes.map(({ pid }) => pid);
        }
        await new Promise((wake) => setTimeout(wake, 50));
      }
    },
    /** Waits for its end. @returns what it left behind, too */
    async end(pids: number[]) {
      const how = { ended: await ended, gone: await gone(pids, 30_000), output, trace: /^ +at /m.test(output) };
      // The files that tsx compiled stay for the next time.
      const left = readdirSync(temporary).filter((name) => !name.startsWith("tsx-"));
      const state = existsSync(join(folder, ".sluice/local.json"));
      for (const path of [folder, temporary]) rmSync(path, { recursive: true });
      return { ...how, left, state };
    },
  };
}

/** Does what a terminal does at Ctrl-C: sends SIGINT to the command and to all processes that it started. */
describe("Ctrl-C ends a command and all that it started, without a stack trace or a temporary folder", () => {
  const starting = "Starting the local cloud";
  test.each([
    ["npm start", ["local/start.ts"], "Counting them", /Stopping the local cloud …\nstart: Stopped by SIGINT/],
    ["npm run local, while it starts", ["local/main.ts"], starting, /^local: Stopped by SIGINT before/m],
    ["npm run bench", ["bench/main.ts", "hot-segment"], "Preparing", /^bench: Stopped by SIGINT\.$/m],
    ["npm run soak:scan", ["soak/scan/main.ts"], starting, /^soak:scan: Stopped by SIGINT, and/m],
    ["npm run soak:backfill", ["soak/backfill/main.ts"], starting, /^soak:backfill: Stopped by SIGINT, and/m],
  ])("%s", async (_, args, shown, last) => {
    const command = startCommand(args);
    const pids = await command.pidsOnce(shown);
    process.kill(-command.process.pid!, "SIGINT");
    expect(await command.end(pids)).toEqual({ ...CLEAN, output: expect.stringMatching(last) });
  });
});

/** Processes that are frozen don't end, and so the command that waits for their end hangs. */
test.each([
  ["npm start", "local/start.ts", "Counting them"],
  ["npm run local", "local/main.ts", "Stop it with Ctrl-C"],
])(
  "if the stop of %s hangs, a second Ctrl-C ends it at once with 130, and says what is left",
  async (_, main, shown) => {
    const command = startCommand([main]);
    const pids = await command.pidsOnce(shown);
    const helpers = pids.filter((pid) => pid !== command.process.pid);
    for (const pid of helpers) process.kill(pid, "SIGSTOP");
    command.process.kill("SIGINT");
    await command.pidsOnce("Stopping the local cloud …");
    await new Promise((wake) => setTimeout(wake, 1_000));
    command.process.kill("SIGINT");
    await once(command.process, "exit");
    for (const pid of helpers) process.kill(pid, "SIGCONT");
    expect(await command.end(pids)).toEqual({
      ...{ ...CLEAN, ended: [130, null] },
      output: expect.stringMatching(/^Ended at once; Java and other helpers may run .*\.\n$/m),
    });
  },
);

/** `kill` reaches the command alone: its helpers go on, so that nothing else ends the start. */
describe("a signal to the command alone ends a start that would go on, without leaving anything behind", () => {
  const endless = ["--project", join(ROOT, "test/local/programs/endless")];
  const silentJava = mkdtempSync(join(tmpdir(), "sluice-path-"));
  writeFileSync(join(silentJava, "java"), "#!/bin/sh\nexec sleep 600\n", { mode: 0o755 });
  afterAll(() => rmSync(silentJava, { recursive: true }));
  test.each([
    ["npm start, while Java starts", ["local/start.ts"], "sleep 600", /^start: Stopped by SIGTERM, and the local/m],
    ["npm run local, while Java starts", ["local/main.ts"], "sleep 600", /^local: Stopped by SIGTERM before/m],
    [
      "npm run local, while the program runs",
      ["local/main.ts", ...endless],
      "is waiting",
      /^local: Stopped by SIGTERM/m,
    ],
    ["npm run soak:scan, while Java starts", ["soak/scan/main.ts"], "sleep 600", /^soak:scan: Stopped by SIGTERM/m],
  ])(
    "%s",
    async (_, args, sign, last) => {
      const command = startCommand(args, sign === "sleep 600" ? { PATH: `${silentJava}:${process.env.PATH}` } : {});
      const pids = await command.pidsOnce(sign);
      command.process.kill("SIGTERM");
      expect(await command.end(pids)).toEqual({ ...CLEAN, output: expect.stringMatching(last) });
    },
    60_000,
  );
});

test("a second local cloud doesn't disturb the first, and names it in one sentence; SIGKILL leaves no process behind", async () => {
  const cloud = await RunningCloud.start();
  const file = cloud.stateFile;
  const before = readFileSync(file, "utf8");
  const { status, stderr } = runLocal(["--state", file]);
  expect([status, stderr]).toEqual([
    1,
    `local: A local cloud already runs at ${cloud.state.endpoint} (process ${cloud.process.pid}, ${file}): stop it first, or give this one another file with --state.\n`,
  ]);
  expect(readFileSync(file, "utf8")).toBe(before);
  const pids = [cloud.process.pid as number, ...javaBelow(cloud.process.pid as number)];
  expect(pids).toHaveLength(2);
  cloud.process.kill("SIGKILL");
  expect(await gone(pids, 30_000)).toBe(true);
  await cloud.stop();
});

test("SIGTERM to npm stops the processes that npm runs", async () => {
  const state = join(mkdtempSync(join(tmpdir(), "sluice-test-")), "local.json");
  const npm = spawn("npm", ["run", "local", "--", "--state", state], { cwd: ROOT, stdio: "ignore", env: process.env });
  while (!existsSync(state)) await new Promise((wake) => setTimeout(wake, 50));
  const below = processesBelow(npm.pid as number);
  expect(below.filter(({ args }) => args.startsWith("java "))).toHaveLength(1);
  npm.kill("SIGTERM");
  const pids = below.map(({ pid }) => pid);
  expect(await gone(pids, 30_000)).toBe(true);
});

describe("an error that the user can correct is reported in one sentence", () => {
  test("a port in use", async () => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as { port: number };
    const { status, stderr } = runLocal(["--port", String(port)]);
    server.close();
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(
      `local: Port ${port} is in use: choose another with --port, or leave out --port for a free one.`,
    );
  });

  test("no Java", () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-path-"));
    for (const tool of ["sh", "cat", "kill"]) symlinkSync(`/bin/${tool}`, join(folder, tool));
    const { status, stderr } = runLocal([], { ...process.env, PATH: folder });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^local: The local cloud needs Java 17 .* install Java 17 or newer .*\n$/);
  });

  test("a Java that a signal ends: noticed at once, without waiting for its answer", () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-path-"));
    writeFileSync(join(folder, "java"), "#!/bin/sh\nkill -INT $PPID\n", { mode: 0o755 });
    const { status, stderr } = runLocal([], { ...process.env, PATH: `${folder}:${process.env.PATH}` });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toBe("local: DynamoDB Local did not start: no reason given\n");
  });

  test("a Java that is too old", () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-path-"));
    const old =
      "#!/bin/sh\necho 'java.lang.UnsupportedClassVersionError: has been compiled by a more recent version' >&2; exit 1\n";
    writeFileSync(join(folder, "java"), old, { mode: 0o755 });
    const { status, stderr } = runLocal([], { ...process.env, PATH: `${folder}:${process.env.PATH}` });
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^local: The local cloud needs Java 17 or newer, this one is older: .*\n$/);
  });

  test.each([
    [["--port", "banana"], /--port must be a whole number/],
    [["--config", "nonsense"], /--config must be key=value/],
    [["--stack", "nowhere"], /Stack nowhere needs the file \S+Pulumi\.nowhere\.yaml, but it does not exist\./],
    [["--port", "banana", "--faults", "/does/not/exist"], /--port must be .*\n--faults must name a file/],
    [["--config", "ingestBatchSize=0"], /ingestBatchSize must be/],
  ])("options %j", (args, message) => {
    const { status, stderr } = runLocal(args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
  });
});
