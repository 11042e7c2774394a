/** Python of the Glue package in a process of its own. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { glueInterpreter } from "../../support/gluePython";

const ROOT = join(__dirname, "../../..");
const PYTHONPATH = ["services/glue/python/src", "test/services/glue/python"].map((path) => join(ROOT, path)).join(":");

/**
 * Runs a module, such as `capacity.share_ledger`, and parses the lines that it prints as JSON.
 *
 * @param input what it reads from standard input, as JSON.
 * @throws Error with its standard error if it ends with another code than 0.
 */
export function runPython<T>(module: string, input: unknown): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(glueInterpreter(), ["-m", module], { env: { ...process.env, PYTHONPATH }, stdio: "pipe" });
    const [out, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => void out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => void errors.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code !== 0) return reject(new Error(`${module} ended with ${code}: ${Buffer.concat(errors)}`));
      const lines = Buffer.concat(out).toString().split("\n").filter(Boolean);
      resolve(lines.map((line) => JSON.parse(line) as T));
    });
    child.stdin.end(JSON.stringify(input));
  });
}
