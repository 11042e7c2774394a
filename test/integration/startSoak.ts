import { spawn } from "node:child_process";
import { resolve } from "node:path";

/** Starts a soak as npm does. @param main its file below soak/ */
export function startSoak(main: string, ...options: string[]) {
  const args = ["--import", "tsx", `soak/${main}`, "--json", ...options];
  const child = spawn(process.execPath, args, { cwd: resolve(__dirname, "../.."), stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  return { child, output, ended };
}
