import { spawn } from "node:child_process";
import { SluiceError } from "../../../shared/errors";

/**
 * Runs a command with this process's output.
 * @throws SluiceError COMMAND_FAILED if it doesn't end with 0.
 */
export async function run(command: string, args: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code === 0) return;
  throw new SluiceError("COMMAND_FAILED", `${[command, ...args].join(" ")} ended with ${code}.`, { value: code });
}
