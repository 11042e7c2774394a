/** `… | head` and `… 2>&1 | head`: a command whose output is closed ends without a stack trace. */
import { spawn } from "node:child_process";
import { once } from "node:events";
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
