import { spawn } from "node:child_process";
import { resolve } from "node:path";

/** Starts a soak as npm does. @param main its file below soak/ */
export function startSoak(main: string, ...options: string[]) {
  const args = ["--import", "./loader.mjs", `soak/${main}`, "--json", ...options];
  const child = spawn(process.execPath, args, { cwd: resolve(__dirname, "../.."), stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk));
  const ended = new Promise<number | null>((done) => child.once("close", done));
  return { child, output, ended };
}

/** The report of a soak that runs to its end. @throws Error with the soak's output if there is no report */
export async function soakReport<Report>(
  main: string,
  ...options: string[]
): Promise<{ code: number | null; report: Report }> {
  const { output, ended } = startSoak(main, ...options);
  const code = await ended;
  if (output.stdout === "") throw new Error(`the soak ended with ${code} and without a report:\n${output.stderr}`);
  return { code, report: JSON.parse(output.stdout) as Report };
}
