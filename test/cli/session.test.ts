import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Session } from "../../cli/session";
import { SluiceError } from "../../shared/errors";
import { FakeClock } from "../sender/helpers";
import { stackAt } from "./operatorStack";

const ROOT = resolve(__dirname, "../..");
/** Ctrl-C comes when a command loads commander. */
const INTERRUPTED_WHILE_LOADING = `
  const Module = require("node:module");
  const load = Module._load;
  let sent = false;
  Module._load = function (request, ...rest) {
    if (request === "commander" && !sent) sent = process.kill(process.pid, "SIGINT");
    return load.call(this, request, ...rest);
  };
`;
const never = () => new Promise<number>(() => {});

/** A session with --json, or without, and what Ctrl-C does to it. */
function sessionOf(json: boolean) {
  const [stdout, stderr, stop] = [new PassThrough(), new PassThrough(), new AbortController()];
  const around = { root: "/", clock: new FakeClock(), random: () => 0.5, interruptible: () => stop.signal };
  const session = new Session({ stdout, stderr, ...around }, { json });
  const interrupt = () => stop.abort(new Error("interrupted"));
  return { session, interrupt, printed: () => [String(stdout.read() ?? ""), String(stderr.read() ?? "")] };
}

describe("Ctrl-C", () => {
  test("ends a command that has not begun", async () => {
    const { session, interrupt, printed } = sessionOf(false);
    interrupt();
    let begun = false;
    const code = await session.run(async () => {
      begun = true;
      return 0;
    });
    expect([code, begun, printed()]).toEqual([3, false, ["", "Interrupted.\n"]]);
  });

  test("removes what the command has uploaded, reports the state of its work, and ends with 3", async () => {
    const { session, interrupt, printed } = sessionOf(false);
    let removed = 0;
    const code = session.run((own) => {
      own.ifInterrupted({ message: "Interrupted: nothing was started.", cleanUp: async () => removed++ });
      setImmediate(interrupt);
      return never();
    });
    expect([await code, removed, printed()]).toEqual([3, 1, ["", "Interrupted: nothing was started.\n"]]);
  });

  test("reports what it could not remove", async () => {
    const { session, interrupt, printed } = sessionOf(false);
    const code = session.run((own) => {
      own.ifInterrupted({ message: "Interrupted.", cleanUp: () => Promise.reject(new Error("denied")) });
      setImmediate(interrupt);
      return never();
    });
    expect(await code).toBe(3);
    expect(printed()[1]).toBe("Interrupted. What it had put into the results bucket is still there.\n");
  });

  test("prints one document, even if the work goes on while something is removed", async () => {
    const { session, interrupt, printed } = sessionOf(true);
    let changed = false;
    const code = session.run(async (own) => {
      own.ifInterrupted({ message: "Interrupted.", cleanUp: () => nextTurn() });
      await nextTurn();
      interrupt();
      own.print("{}", "");
      own.ifInterrupted({ message: "Interrupted: something may have changed." });
      changed = true;
      return 0;
    });
    expect([await code, changed]).toEqual([3, false]);
    expect(JSON.parse(printed()[0]!)).toMatchObject({ error: { code: "INTERRUPTED", message: "Interrupted." } });
  });

  test("does nothing to a command that ends by itself", async () => {
    const { session, interrupt } = sessionOf(false);
    const code = session.run(async (own) => {
      const signal = own.interruptible();
      interrupt();
      return signal.aborted ? 0 : 1;
    });
    expect(await code).toBe(0);
  });

  test("closes a document of which only a part is printed", async () => {
    const { session, interrupt, printed } = sessionOf(true);
    const code = session.run((own) => {
      own.list("failures").add({ code: "CONFLICT" }, "");
      setImmediate(interrupt);
      return never();
    });
    expect(await code).toBe(3);
    const error = { code: "INTERRUPTED", message: "Interrupted.", problems: ["Interrupted."] };
    expect(JSON.parse(printed()[0]!)).toEqual({ failures: [{ code: "CONFLICT" }], error });
  });

  test.each<[string, string[], string]>([
    ["sluice", ["jobs", "list"], "Interrupted.\n"],
    ["send", ["surveys"], "Interrupted: nothing was sent.\n"],
  ])("ends %s while it is being loaded", async (command, args, complaint) => {
    const root = await stackAt("http://127.0.0.1:1");
    const early = join(root, "early.cjs");
    await writeFile(early, INTERRUPTED_WHILE_LOADING);
    const loader = join(ROOT, "loader.mjs");
    const given = ["--require", early, "--import", loader, join(ROOT, `cli/${command}.ts`), ...args];
    const child = spawn(process.execPath, given, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk));
    expect([...(await once(child, "close")), stderr]).toEqual([3, null, complaint]);
  });

  test.each([
    ["as text", [], ["", "Interrupted.\n"]],
    ["as JSON", ["--json"], [expect.stringContaining('"code": "INTERRUPTED"'), ""]],
  ])("ends a process that waits for AWS, %s, without a stack trace", async (_form, flags, printed) => {
    const deaf = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(deaf, "listening");
    const root = await stackAt(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}`);
    const loader = join(ROOT, "loader.mjs");
    const args = ["--import", loader, join(ROOT, "cli/sluice.ts"), "jobs", "list", ...flags];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const output: [stdout: string, stderr: string] = ["", ""];
    child.stdout?.on("data", (chunk: Buffer) => (output[0] += chunk));
    child.stderr?.on("data", (chunk: Buffer) => (output[1] += chunk));
    await once(deaf, "request");
    child.kill("SIGINT");
    const [code, signal] = await once(child, "close");
    deaf.close();
    deaf.closeAllConnections();
    expect([code, signal, output]).toEqual([3, null, printed]);
  });
});

test("Ctrl-C ends the page's server while it waits for AWS", async () => {
  const deaf = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(deaf, "listening");
  const root = await stackAt(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}`);
  const args = ["--import", join(ROOT, "loader.mjs"), join(ROOT, "cli/sluice.ts"), "ui", "--json"];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const [document] = (await once(child.stdout!, "data")) as [Buffer];
  const { origin, hash } = new URL(JSON.parse(String(document)).address);
  const headers = { authorization: `Bearer ${hash.replace("#token=", "")}` };
  // Its connection ends with the server.
  fetch(`${origin}/api/jobs`, { headers }).catch(() => undefined);
  await once(deaf, "request");
  child.kill("SIGINT");
  const ended = once(child, "close");
  // The SDK waits for 30 s, three times.
  const slow = setTimeout(() => child.kill("SIGKILL"), 60_000);
  expect(await ended).toEqual([0, null]);
  clearTimeout(slow);
  deaf.close();
  deaf.closeAllConnections();
});

test("a list that breaks off prints the error after its entries", async () => {
  const { session, printed } = sessionOf(true);
  const code = await session.run(async (own) => {
    const list = own.list("failures");
    for (const number of [1, 2]) list.add({ number }, "");
    throw new SluiceError("GONE", "The object is gone.");
  });
  expect(code).toBe(1);
  const error = { code: "GONE", message: "The object is gone.", problems: ["The object is gone."] };
  expect(JSON.parse(printed()[0]!)).toEqual({ failures: [{ number: 1 }, { number: 2 }], error });
});

test("an error that nobody foresaw shows its message, and its stack on standard error alone", async () => {
  const { session, printed } = sessionOf(true);
  expect(await session.run(() => Promise.reject(new TypeError("x is undefined")))).toBe(1);
  const [stdout, stderr] = printed();
  expect(JSON.parse(stdout!).error).toMatchObject({
    code: "UNEXPECTED",
    message: "Something went wrong here: x is undefined",
  });
  expect(stderr).toMatch(/^TypeError: x is undefined\n +at /);
});
