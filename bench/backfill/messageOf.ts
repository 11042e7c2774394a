import type { ChildProcess } from "node:child_process";

/** The next message of a process. @throws Error if it ends before */
export function messageOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${child.spawnargs.at(-1)} ended with ${code}`)));
    child.once("message", (message) => resolve(message as T));
  });
}
