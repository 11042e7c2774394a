/** Python processes with the Glue package, which print one JSON value per line. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { glueInterpreter } from "../../support/gluePython";

const ROOT = join(__dirname, "../../..");
const PYTHONPATH = ["services/glue/python/src", "test/services/glue/python"].map((path) => join(ROOT, path)).join(":");

export class PythonProcess {
  readonly child: ChildProcess;
  /** The lines that it prints. */
  readonly lines: Interface;
  /** Resolves with its exit code; null: it was killed. */
  readonly ended: Promise<number | null>;
  /** Its standard error so far. */
  errors = "";

  /** @param module such as `work_pages`. @param environment variables besides PATH. */
  constructor(module: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    const env = { PATH: process.env.PATH, ...environment, PYTHONPATH };
    this.child = spawn(glueInterpreter(), ["-m", module, ...args], { env, stdio: "pipe" });
    this.child.stderr!.on("data", (chunk: Buffer) => {
      this.errors += chunk.toString();
    });
    this.lines = createInterface({ input: this.child.stdout! });
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", resolve);
    });
  }
}

/**
 * Runs a module, such as `capacity.share_ledger`, and parses the lines that it prints.
 *
 * @param input passed to its standard input, as JSON.
 * @throws Error with its standard error if it ends with another code than 0.
 */
export async function runPython<T>(module: string, input: unknown): Promise<T[]> {
  const python = new PythonProcess(module, [], process.env);
  const lines: T[] = [];
  python.lines.on("line", (line) => lines.push(JSON.parse(line) as T));
  python.child.stdin!.end(JSON.stringify(input));
  const code = await python.ended;
  if (code !== 0) throw new Error(`${module} ended with ${code}: ${python.errors}`);
  return lines;
}
