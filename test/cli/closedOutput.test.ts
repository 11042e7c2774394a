/** `… | head` and `… 2>&1 | head`: a command whose output is closed ends without a stack trace. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

test.each([
  ["sluice", "stdout", ["--help"]],
  ["sluice", "stderr", ["jobs", "show", ""]],
  ["send", "stdout", ["--help"]],
  ["send", "stderr", ["--outbx"]],
] as const)(
  "%s with a closed %s",
  async (command, output, args) => {
    const loader = join(ROOT, "loader.mjs");
    const child = spawn(process.execPath, ["--import", loader, join(ROOT, `cli/${command}.ts`), ...args], {
      cwd: ROOT,
    });
    const other = output === "stdout" ? child.stderr : child.stdout;
    let printed = "";
    other.on("data", (chunk: Buffer) => {
      printed += chunk;
    });
    child[output].destroy();
    const [code] = await once(child, "close");
    expect([code, printed]).toEqual([0, ""]);
  },
  120_000,
);

(process.platform === "linux" ? test : test.skip)(
  "an output on a full disk ends a command with 1 and one sentence",
  async () => {
    const args = ["--import", join(ROOT, "loader.mjs"), join(ROOT, "cli/sluice.ts"), "--help"];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", openSync("/dev/full", "w"), "pipe"] });
    let printed = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      printed += chunk;
    });
    expect(await once(child, "close")).toEqual([1, null]);
    expect(printed).toBe("The output can't be written: ENOSPC: no space left on device, write.\n");
  },
  120_000,
);
