import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A process as `ps` lists it. */
export interface ListedProcess {
  pid: number;
  parent: number;
  command: string;
}

/** All processes of this machine. */
export async function listProcesses(): Promise<ListedProcess[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-ww", "-o", "pid=,ppid=,args="], {
    maxBuffer: 64 * 1_048_576,
  });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** All descendants of a process. */
export function descendantsOf(root: number, all: readonly ListedProcess[]): ListedProcess[] {
  const below = all.filter(({ parent }) => parent === root);
  return below.flatMap((each) => [each, ...descendantsOf(each.pid, all)]);
}

/** Ends a process with SIGKILL, unless it is gone already. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
